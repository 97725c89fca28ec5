import type { DjangoAnswer } from './answer.ts'

/** The settings that the parts of an answer come from. */
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

/** Returns the settings that differ between two answers. */
export function changedSettings(before: DjangoAnswer, after: DjangoAnswer): string[] {
  const keys = Object.keys(SETTINGS) as (keyof DjangoAnswer)[]
  const changed = keys.filter(key => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  // A new app also brings its folder of templates.
  const causes = changed.includes('apps') ? changed.filter(key => key !== 'templates') : changed
  return [...new Set(causes.map(key => SETTINGS[key]!))]
}
