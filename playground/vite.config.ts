import { defineConfig } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { findAdmin } from './admin.ts'

const modules = '../node_modules'
const admin = findAdmin()

export default defineConfig({
  plugins: [
    staticfiles({
      staticRoot: 'staticfiles',
      dirs: [
        'static',
        ['vendor/inter', `${modules}/@fontsource-variable/inter`],
        // Without Django, jQuery UI stands in for the admin's files.
        ...(admin ? [] : jqueryUi()),
      ],
      apps: ['polls', 'gallery', ...(admin ? [admin] : [])],
      // What templates name and only a bundler can serve: polls/app.ts and css/site.scss.
      entries: 'templates',
      // Where settings.py sends browsers to Vite for static files, pages come from Django's own port.
      ...(process.env.DJANGO_STATIC_URL
        ? {}
        : { proxy: process.env.DJANGO_ORIGIN ?? 'http://127.0.0.1:8000' }),
    }),
  ],
})

function jqueryUi(): [prefix: string, folder: string][] {
  return [
    ['vendor/jquery-ui', `${modules}/jquery-ui/themes/base`],
    ['vendor/jquery-ui/ui', `${modules}/jquery-ui/ui`],
  ]
}
