import type { DjangoAnswer } from './answer.ts'

/** What people call the parts of the answer. */
const SETTINGS: Partial<Record<keyof DjangoAnswer, string>> = {
  executable: 'Python',
  python: 'Python',
  django: 'Django',
  settings: 'DJANGO_SETTINGS_MODULE',
  staticUrl: 'STATIC_URL',
  staticRoot: 'STATIC_ROOT',
  storage: 'STORAGES',
  storageProblem: 'STORAGES',
  finders: 'STATICFILES_DIRS or STATICFILES_FINDERS',
  ignorePatterns: 'ignore_patterns',
  templates: 'TEMPLATES',
  whitenoise: 'WHITENOISE_…',
  apps: 'INSTALLED_APPS',
}

/** What differs between two answers, as people call it. */
export function changedSettings(before: DjangoAnswer, after: DjangoAnswer): string[] {
  const keys = Object.keys(SETTINGS) as (keyof DjangoAnswer)[]
  const changed = keys.filter(key => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  // An app brings its folder of templates with it.
  const causes = changed.includes('apps') ? changed.filter(key => key !== 'templates') : changed
  return [...new Set(causes.map(key => SETTINGS[key]!))]
}
