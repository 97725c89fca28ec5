import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildMysite, pathsOf, sharedMysite, shell } from './mysite.ts'
import { BLOCKS, type Block, blockOn, blocksOf } from './pages.ts'
import { describeDocs } from './python.ts'
import { configurationOf } from './typescript.ts'

/** Renders the templates as Django does for a request. */
const RENDER = `
import json, sys
import django
django.setup()
from django.template import engines
from django.test import RequestFactory

language, text = json.load(sys.stdin)
print(engines[language].from_string(text).render({}, RequestFactory().get("/")), end="")
`

/** Settings for all that templates of the pages use. */
const MORE_SETTINGS = `
TEMPLATES[0]["NAME"] = "html"
TEMPLATES[0]["OPTIONS"]["context_processors"].append("mysite.context_processors.static_version")
TEMPLATES.append({
    "BACKEND": "django.template.backends.jinja2.Jinja2",
    "NAME": "jinja",
    "OPTIONS": {"environment": "mysite.jinja2.environment"},
})
`

/** The project of README with the tags and settings of the other pages, built with integrity. */
async function siteOfTemplates(): Promise<string> {
  const config = configurationOf("staticfiles({ django: 'manage.py', integrity: true })").replace(
    'integrity',
    "entries: ['polls/app.ts', 'css/site.css'], integrity",
  )
  const root = await sharedMysite({
    'vite.config.ts': config,
    'polls/templatetags/__init__.py': '',
    'polls/templatetags/integrity.py': fileNamed('polls/templatetags/integrity.py'),
    'mysite/context_processors.py': fileNamed('mysite/context_processors.py'),
    'mysite/jinja2.py': fileNamed('mysite/jinja2.py'),
  })
  const settings = path.join(root, 'mysite/settings/__init__.py')
  const version = fileNamed('settings.py')
  writeFileSync(settings, readFileSync(settings, 'utf8') + version + MORE_SETTINGS)
  writeFileSync(path.join(root, 'render.py'), RENDER)
  buildMysite(root)
  return root
}

/** The block of Python whose first comment names the file. */
function fileNamed(file: string): string {
  const block = BLOCKS.find(
    ({ kind, text }) => kind === 'python' && new RegExp(`^# ${file}\\b`, 'u').test(text),
  )
  if (!block) throw new Error(`no block of Python is ${file}`)
  return block.text
}

function render(root: string, { kind, text }: Pick<Block, 'kind' | 'text'>): string {
  const loaded = kind === 'html' && !text.includes('{% load') ? `{% load static %}${text}` : text
  writeFileSync(path.join(root, 'input.json'), JSON.stringify([kind, loaded]))
  return shell(root, 'python render.py < input.json', { DJANGO_SETTINGS_MODULE: 'mysite.settings' })
}

describeDocs('a template of the pages', () => {
  let root: string
  beforeAll(async () => {
    root = await siteOfTemplates()
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test.each(blocksOf('html', 'jinja'))('%s renders URLs of files that were built', (_, block) => {
    const html = render(root, block)
    const urls = [...html.matchAll(/"(\/static\/[^"?#]+)/gu)].map(match => match[1]!)
    expect(urls.length).toBeGreaterThan(0)
    for (const url of urls)
      expect(existsSync(path.join(root, url.replace('/static', 'staticfiles'))), url).toBe(true)
    expect(html).not.toMatch(/[{}]|(?:src|href|integrity)=""/u)
  })

  test.each(blocksOf('html result'))('%s is what the template before it renders', (_, block) => {
    const before = BLOCKS.slice(0, BLOCKS.indexOf(block)).findLast(
      ({ kind }) => kind === 'html' || kind === 'jinja',
    )!
    expect(render(root, before).trim()).toBe(block.text.trim())
  })

  test('that is wrong is refused', () => {
    const template = (text: string) => () => render(root, { kind: 'html', text })
    expect(template("{% static 'css/sit.css' %}")).toThrow(
      "Missing staticfiles manifest entry for 'css/sit.css'",
    )
    expect(template('{% load statik %}')).toThrow('is not a registered tag library')
  })

  test('has the digest of the file in `integrity`', () => {
    const html = render(root, blockOn('docs/integrity.md', 'html'))
    const bytes = readFileSync(path.join(root, 'staticfiles', pathsOf(root)['polls/app.ts']!))
    expect(html).toContain(`integrity="sha384-${createHash('sha384').update(bytes).digest('base64')}"`)
  })

  test('has the hash of the manifest in STATIC_VERSION, and nothing before the first build', () => {
    const block = blockOn('docs/django.md', 'html')
    const { hash } = JSON.parse(readFileSync(path.join(root, 'staticfiles/staticfiles.json'), 'utf8'))
    expect(hash).toMatch(/^[\da-f]{12}$/u)
    expect(render(root, block)).toContain(`.css?v=${hash}"`)
    shell(root, 'rm staticfiles/staticfiles.json')
    expect(render(root, block)).toContain('.css?v="')
  })
})
