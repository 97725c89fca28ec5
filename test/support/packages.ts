/** Apps with awkward static trees, of the packages in test/requirements/packages.txt. */
export const PACKAGES = [
  'django.contrib.admin',
  'rest_framework',
  'debug_toolbar',
  'tinymce',
  'ckeditor',
  'django_select2',
  'import_export',
  'django_summernote',
  'grappelli',
  'jazzmin',
  'drf_spectacular_sidecar',
  'leaflet',
  'jet',
  'mdeditor',
]
