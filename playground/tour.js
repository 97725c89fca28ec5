import { readFileSync } from 'node:fs'

const names = [
  ['polls/app.ts', 'TypeScript of an app, bundled'],
  ['polls/app.css', 'the CSS it imports'],
  ['css/site.scss', 'SCSS, bundled'],
  ['polls/style.css', "the project's, which shadows the app's"],
  ['gallery/lightbox.js', 'an ES module, collected, its imports hashed'],
  ['vendor/inter/files/inter-latin-wght-normal.woff2', 'a font from npm, one copy for page and CSS'],
  ['admin/css/base.css', "Django's admin"],
  ['vendor/jquery-ui/all.css', "jQuery UI, because there is no Django here with its admin"],
]

const { paths } = JSON.parse(readFileSync(new URL('staticfiles/staticfiles.json', import.meta.url), 'utf8'))
const built = names.filter(([name]) => name in paths)

console.log(`
Look at playground/staticfiles/, for instance:

${built.map(([name, what]) => `  ${name}\n    → ${paths[name]}  (${what})`).join('\n')}

at playground/staticfiles-report.html in a browser, and at the same files in Django:

  cd playground
  pip install -r requirements.txt
  python manage.py migrate
  DJANGO_DEBUG=0 python manage.py runserver
`)
