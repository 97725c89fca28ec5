import { defineConfig } from 'vite'
import { type Options, staticfiles } from 'vite-plugin-staticfiles'
import { hasDjango } from './django.ts'

export default defineConfig({
  // The files of earlier builds stay, until `staticfiles prune` removes them.
  build: { emptyOutDir: false },
  plugins: [
    staticfiles({
      ...(hasDjango() ? { django: 'manage.py' } : byHand()),
      // A page about each build: staticfiles-report.html, beside this file.
      report: true,
      // Where settings.py sends browsers to Vite for static files, pages come from Django's own port.
      ...(process.env.DJANGO_STATIC_URL
        ? {}
        : { proxy: process.env.DJANGO_ORIGIN ?? 'http://127.0.0.1:8000' }),
    }),
  ],
})

/** What Django would say, for those who have no Python; jQuery UI stands in for the admin's files. */
function byHand(): Options {
  const modules = '../node_modules'
  return {
    staticRoot: 'staticfiles',
    dirs: [
      'static',
      ['vendor/inter', `${modules}/@fontsource-variable/inter`],
      ['vendor/jquery-ui', `${modules}/jquery-ui/themes/base`],
      ['vendor/jquery-ui/ui', `${modules}/jquery-ui/ui`],
    ],
    apps: ['polls', 'gallery'],
    // What templates name and only a bundler can serve: polls/app.ts and css/site.scss.
    entries: 'templates',
  }
}
