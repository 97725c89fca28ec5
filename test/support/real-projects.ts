import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { addTo, type Tree } from './tree.ts'

/** A project that was not made for this package. */
export interface RealProject {
  /** Its settings in production; `undefined` where those of `manage.py` are meant. */
  readonly settings?: string
  /** What production settings add for a server without a front: WhiteNoise, hosts. */
  readonly serving: string
  /** Makes the project in a folder; answers the folder of its `manage.py`. */
  make(folder: string, python: string): Promise<string>
  /** What a browser opens once it is logged in. */
  readonly pages: readonly string[]
  readonly loginPage: string
}

const WHITENOISE = `
DEBUG = False
SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware", *[each for each in MIDDLEWARE if "whitenoise" not in each]]
SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
`

/** What `wagtail start` makes. */
const wagtail: RealProject = {
  settings: 'mysite.settings.production',
  serving: `from .production import *\n${WHITENOISE}\nWAGTAIL_ENABLE_UPDATE_CHECK = False\nWAGTAIL_ENABLE_WHATS_NEW_BANNER = False\nWAGTAIL_GRAVATAR_PROVIDER_URL = None\n`,
  async make(folder, python) {
    execFileSync(python, ['-c', 'from wagtail.bin.wagtail import main; main()', 'start', 'mysite'], {
      cwd: folder,
      stdio: 'ignore',
    })
    return path.join(folder, 'mysite')
  },
  loginPage: '/admin/login/',
  pages: [
    '/',
    '/search/?query=x',
    ...[
      '/admin/',
      '/admin/pages/',
      '/admin/pages/3/',
      '/admin/pages/3/edit/',
      '/admin/pages/add/home/homepage/3/',
    ],
    ...[
      '/admin/images/',
      '/admin/images/add/',
      '/admin/documents/',
      '/admin/users/',
      '/admin/reports/site-history/',
    ],
    ...['/django-admin/', '/django-admin/auth/group/', '/django-admin/auth/group/add/'],
  ],
}

const MANAGE = `#!/usr/bin/env python
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    from django.core.management import execute_from_command_line

    # Apps lie in a package of the project's name.
    sys.path.append(str(Path(__file__).parent.resolve() / "mysite"))
    execute_from_command_line(sys.argv)
`

/** Laid out as cookiecutter-django does it: the template itself is not on PyPI. */
const COOKIECUTTER: Tree = {
  'manage.py': MANAGE,
  '.env': 'DJANGO_SECRET_KEY=from-dot-env\nDJANGO_READ=1\n',
  'config/__init__.py': '',
  'config/urls.py': `
from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    path("", TemplateView.as_view(template_name="pages/home.html"), name="home"),
    path("about/", TemplateView.as_view(template_name="pages/about.html"), name="about"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("users/", include("users.urls")),
]
`,
  'config/settings/__init__.py': '',
  'config/settings/base.py': `
from pathlib import Path
import environ

BASE_DIR = Path(__file__).resolve(strict=True).parent.parent.parent
APPS_DIR = BASE_DIR / "mysite"
env = environ.Env()
env.read_env(str(BASE_DIR / ".env"))

DEBUG = env.bool("DJANGO_DEBUG", False)
SECRET_KEY = env("DJANGO_SECRET_KEY")
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "config.urls"
DJANGO_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.sites",
    "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.admin", "django.forms",
]
THIRD_PARTY_APPS = ["crispy_forms", "crispy_bootstrap5", "allauth", "allauth.account", "allauth.socialaccount"]
INSTALLED_APPS = DJANGO_APPS + THIRD_PARTY_APPS + ["mysite.users"]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "allauth.account.auth_backends.AuthenticationBackend"]
SITE_ID = 1
USE_TZ = True
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
STATIC_ROOT = str(BASE_DIR / "staticfiles")
STATIC_URL = "/static/"
STATICFILES_DIRS = [str(APPS_DIR / "static")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [str(APPS_DIR / "templates")],
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.debug", "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth", "django.template.context_processors.static",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
`,
  'config/settings/local.py': `
from .base import *
from .base import INSTALLED_APPS, MIDDLEWARE

DEBUG = True
INSTALLED_APPS = ["whitenoise.runserver_nostatic", *INSTALLED_APPS, "debug_toolbar"]
MIDDLEWARE += ["debug_toolbar.middleware.DebugToolbarMiddleware"]
`,
  'config/settings/production.py': `
from .base import *

ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["example.com"])
SECURE_SSL_REDIRECT = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
`,
  'mysite/__init__.py': '',
  'mysite/users/__init__.py': '',
  'mysite/users/apps.py': `
from django.apps import AppConfig

class UsersConfig(AppConfig):
    name = "mysite.users"
`,
  'mysite/users/urls.py': `
from django.urls import path
from .views import edit

app_name = "users"
urlpatterns = [path("edit/", edit, name="edit")]
`,
  'mysite/users/views.py': `
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.shortcuts import render

class UserForm(forms.ModelForm):
    class Meta:
        model = get_user_model()
        fields = ["username", "first_name", "last_name"]

@login_required
def edit(request):
    return render(request, "users/edit.html", {"form": UserForm(instance=request.user)})
`,
  'mysite/static/css/project.css': '.alert-debug { color: black; background: url("../images/mark.svg") }\n',
  'mysite/static/js/project.ts':
    'const name: string = "mysite"\ndocument.documentElement.dataset.project = name\n',
  'mysite/static/images/mark.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>',
  'mysite/static/images/favicons/favicon.ico': '',
  'mysite/templates/base.html': `{% load static %}<!doctype html>
<html lang="en"><head><title>{% block title %}mysite{% endblock %}</title>
<link rel="icon" href="{% static 'images/favicons/favicon.ico' %}">
<link rel="stylesheet" href="{% static 'css/project.css' %}">
<script type="module" src="{% static 'js/project.ts' %}"></script></head>
<body><div class="alert-debug">{% block content %}{% endblock %}</div></body></html>
`,
  'mysite/templates/pages/home.html': `{% extends "base.html" %}{% block content %}<h1>Home</h1>{% endblock %}`,
  'mysite/templates/pages/about.html': `{% extends "base.html" %}{% block content %}<h1>About</h1>{% endblock %}`,
  'mysite/templates/users/edit.html': `{% extends "base.html" %}{% load crispy_forms_tags %}{% block content %}{{ form|crispy }}{% endblock %}`,
}

const cookiecutter: RealProject = {
  settings: 'config.settings.production',
  serving: `from .production import *\n${WHITENOISE}`,
  async make(folder) {
    await addTo(folder, COOKIECUTTER)
    return folder
  },
  loginPage: '/admin/login/',
  pages: [
    ...['/', '/about/', '/users/edit/', '/accounts/email/', '/accounts/password/change/'],
    ...['/admin/', '/admin/auth/user/', '/admin/auth/user/add/', '/admin/account/emailaddress/add/'],
  ],
}

/** Django's own `startproject`, with the settings that django CMS documents; its template is on no package index. */
const cms: RealProject = {
  serving: `from .settings import *\n${WHITENOISE}`,
  async make(folder, python) {
    execFileSync(python, ['-m', 'django', 'startproject', 'mysite', folder])
    await addTo(folder, {
      'templates/page.html': `{% load cms_tags sekizai_tags %}<!doctype html>
<html><head><title>{% page_attribute "page_title" %}</title>{% render_block "css" %}</head>
<body>{% cms_toolbar %}{% placeholder "content" %}{% render_block "js" %}</body></html>`,
      'mysite/urls.py': `
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path

# A browser asks for an icon, which the patterns below would redirect.
urlpatterns = [path("favicon.ico", lambda request: HttpResponse(status=204))]
urlpatterns += i18n_patterns(path("admin/", admin.site.urls), path("", include("cms.urls")))
`,
    })
    const settings = path.join(folder, 'mysite/settings.py')
    writeFileSync(settings, CMS_SETTINGS, { flag: 'a' })
    return folder
  },
  loginPage: '/en/admin/login/',
  pages: [
    ...[
      '/en/admin/',
      '/en/admin/auth/user/',
      '/en/admin/cms/pagecontent/',
      '/en/admin/cms/pagecontent/add/?language=en',
    ],
    '/en/',
  ],
}

const CMS_SETTINGS = `
INSTALLED_APPS += ["django.contrib.sites", "cms", "menus", "treebeard", "sekizai"]
SITE_ID = 1
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
CMS_CONFIRM_VERSION4 = True
CMS_TEMPLATES = [("page.html", "Page")]
X_FRAME_OPTIONS = "SAMEORIGIN"
MIDDLEWARE += [
    "django.middleware.locale.LocaleMiddleware",
    "cms.middleware.user.CurrentUserMiddleware",
    "cms.middleware.page.CurrentPageMiddleware",
    "cms.middleware.toolbar.ToolbarMiddleware",
    "cms.middleware.language.LanguageCookieMiddleware",
]
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates"]
TEMPLATES[0]["OPTIONS"]["context_processors"] += [
    "django.template.context_processors.i18n",
    "sekizai.context_processors.sekizai",
    "cms.context_processors.cms_settings",
]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
`

/** Where production settings lie beside the others. */
export const REAL_PROJECTS: Readonly<Record<string, RealProject>> = { wagtail, cookiecutter, cms }
