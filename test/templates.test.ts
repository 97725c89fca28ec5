import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, test, vi } from 'vitest'
import { readTemplates } from '../src/templates/read.ts'
import { staticTags } from '../src/templates/scan.ts'
import { bundlers } from './setup/bundlers.ts'
import { addTo, tree } from './setup/tree.ts'
import { devVites, startDevServer } from './support/dev-server.ts'
import { describeEachDjango, describeNewestDjango, runPython } from './support/live-django.ts'

const DJANGO: [text: string, names: string[]][] = [
  [`<img src="{% static 'a.png' %}">`, ['a.png']],
  [`{% static "a.png" %}{%static 'b.png'%}{%  static   'c.png'  %}`, ['a.png', 'b.png', 'c.png']],
  [`{% static 'a.png' as url %}{{ url }}`, ['a.png']],
  [`{% static "it's.png" %}{% static 'say "hi".png' %}`, ["it's.png", 'say "hi".png']],
  [String.raw`{% static 'it\'s.png' %}{% static "back\\slash" %}`, ["it's.png", 'back\\slash']],
  [`{% static 'two words.png' %}`, ['two words.png']],
  [`{% static name %}{% static 'a'|add:name %}{% static 'a'|upper %}`, []],
  [`{% get_static_prefix %}{% load static %}{% get_static_prefix as p %}`, []],
  [`{# {% static 'a.png' %} #}{% static 'b.png' %}`, ['b.png']],
  [`{#\n{% static 'a.png' %}\n#}`, ['a.png']],
  [`{% comment %}{% static 'a.png' %}\n{% endcomment %}{% static 'b.png' %}`, ['b.png']],
  [`{% comment "why" %}{% if %}{% static 'a.png' %}{% endcomment %}`, []],
  [`{% verbatim %}{% static 'a.png' %}{% endverbatim %}{% static 'b.png' %}`, ['b.png']],
  [`{% verbatim x %}{% endverbatim %}{% static 'a.png' %}{% endverbatim x %}`, []],
  [`{% if a %}\n{% static 'a.png' %}\n{% else %}{% static 'b.png' %}{% endif %}`, ['a.png', 'b.png']],
  [`{% block b %}{% for x in y %}{% static 'a.png' %}{% endfor %}{% endblock %}`, ['a.png']],
  [`{%\nstatic 'a.png' %}`, []],
  [`<script>const a = "{% static 'a.js' %}"; // {{ x }}</script>`, ['a.js']],
  [`{{ "{% static 'a.png' %}" }}`, []],
  [`{% templatetag openblock %} static 'a.png' {% templatetag closeblock %}`, []],
]

const JINJA: [text: string, names: string[]][] = [
  [`<img src="{{ static('a.png') }}">`, ['a.png']],
  [`{{ static("a.png") ~ "?v=1" }}{{- static( 'b.png' , ) -}}`, ['a.png', 'b.png']],
  [`{% set url = static('a.png') %}`, ['a.png']],
  [`{{ macro(\n  static('a.png'),\n  static('b.png')) }}`, ['a.png', 'b.png']],
  [`{{ static(name) }}{{ static('a' ~ name) }}{{ x.static('a') }}{{ nonstatic('a') }}`, []],
  [`{{ "static('a.png')" }}`, []],
  [`{{ "}}" ~ static('a.png') }}`, ['a.png']],
  [`{#\n{{ static('a.png') }}\n#}{{ static('b.png') }}`, ['b.png']],
  [`{% raw %}{{ static('a.png') }}{% endraw %}{{ static('b.png') }}`, ['b.png']],
  [`{%- raw -%}{{ static('a.png') }}{%- endraw -%}`, []],
  [`static('a.png')`, []],
  [`{% static 'a.png' %}`, []],
  [`{% if static('a.png') == static('b.png') %}{% endif %}`, ['a.png', 'b.png']],
  [`{{ {'key': static('a.png')}['key'] }}`, ['a.png']],
  [String.raw`{{ static('it\'s.png') }}`, ["it's.png"]],
  [`{# {% raw %} #}{{ static('a.png') }}{# {% endraw %} #}`, ['a.png']],
]

const urls = (tags: readonly { url: string }[]) => tags.map(({ url }) => url)

test.each(DJANGO)('Django: %s', (text, expected) => {
  expect(urls(staticTags(text))).toEqual(expected)
})

test.each(JINJA)('Jinja: %s', (text, expected) => {
  expect(urls(staticTags(text, 'jinja2'))).toEqual(expected)
})

test('names are where the scanner says, whatever the text', () => {
  const piece = fc.constantFrom(
    ...['{%', '%}', '{{', '}}', '{#', '#}', ' static ', "'a.png'", '"', "'", '\\', '\n', 'static(', ')'],
    ...['comment', 'endcomment', 'verbatim', 'raw', 'endraw', 'é', '𝒳'],
  )
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      const text = pieces.join('')
      for (const { start } of staticTags(text)) expect(text.slice(start)).toMatch(/^(?:\{%\s*)?static/)
    }),
    { numRuns: 2000 },
  )
})

describeEachDjango('Django reads templates as the scanner does', ({ python }) => {
  test('in the table, and in all templates of the admin', async () => {
    const texts = DJANGO.map(([text]) => text)
    type Names = [name: string, line: number][]
    const script = path.join(import.meta.dirname, 'django/templates.py')
    const django = await runPython<{ texts: Names[]; folder: string; files: Record<string, Names> }>(
      python,
      script,
      { texts },
    )
    const lines = (text: string, start: number) => text.slice(0, start).split('\n').length
    const ours = texts.map(text => staticTags(text).map(({ url, start }) => [url, lines(text, start)]))
    expect(ours).toEqual(django.texts)
    const files = [...readTemplates([django.folder])].map(([file, references]) => [
      file,
      references.map(({ url, line }) => [url, line]),
    ])
    expect(Object.keys(django.files).length).toBeGreaterThan(5)
    expect(Object.fromEntries(files)).toEqual(django.files)
  })
})

describeNewestDjango('Jinja reads templates as the scanner does', ({ python }) => {
  test('in the table', async () => {
    const texts = JINJA.map(([text]) => text)
    const names = await runPython<string[][]>(
      python,
      path.join(import.meta.dirname, 'django/jinja.py'),
      texts,
    )
    expect(texts.map(text => urls(staticTags(text, 'jinja2')).sort())).toEqual(names)
  })
})

const SITE = {
  'templates/base.html': `{% load static %}
<link href="{% static 'css/site.css' %}"><img src="{% static 'img/logo.svg#icon' %}">`,
  'polls/templates/polls/a.html': `{% static 'polls/app.ts' %}{% static 'polls/app.css' %}{% static name %}`,
  'polls/jinja2/b.html': `{{ static('polls/app.ts') }}{{ static('polls/other.js') }}{{ static('polls/') }}`,
  'polls/templates/notes.html~': `{% static 'nowhere.png' %}`,
  'static/css/site.scss': 'a { b { color: red } }',
  'static/img/logo.svg': '<svg/>',
  'polls/static/polls/app.ts': `import './app.scss'; console.log(1 as number)`,
  'polls/static/polls/app.scss': 'a { color: red }',
  'polls/static/polls/other.tsx': 'console.log(2 as number)',
  'polls/static/polls/unnamed.ts': 'console.log(3 as number)',
}
const OPTIONS: Options = { dirs: ['static'], apps: ['polls'], entries: 'templates', compress: false }

describe.each(Object.entries(bundlers))('entries from templates, %s', (name, build) => {
  const hasCss = name !== 'Rollup 4'
  const files = hasCss
    ? SITE
    : {
        'templates/a.html': `{% static 'polls/plain.js' %}`,
        'polls/static/polls/plain.js': '',
      }

  test('what no browser reads is bundled', async () => {
    const out = await build(await tree(files), OPTIONS)
    const { paths } = JSON.parse(readFileSync(path.join(out, 'staticfiles.json'), 'utf8'))
    if (!hasCss) return expect(Object.keys(paths)).toEqual(['polls/plain.js'])
    expect(paths['polls/app.ts']).toMatch(/^polls\/app\.[0-9a-f]{12}\.js$/)
    expect(paths['polls/app.css']).toMatch(/^polls\/app\.[0-9a-f]{12}\.css$/)
    expect(paths['css/site.css']).toMatch(/^css\/site\.[0-9a-f]{12}\.css$/)
    expect(paths['css/site.scss']).toBe(paths['css/site.css'])
    expect(paths['polls/other.js']).toMatch(/^polls\/other\.[0-9a-f]{12}\.js$/)
  })

  test('names that nothing has fail the build, and nothing is written', async () => {
    const root = await tree(files)
    await addTo(root, {
      'templates/wrong.html': `\n  {% static 'img/lgo.svg' %}{% static 'polls/nowhere.css' %}`,
      'polls/jinja2/b.html': `{{ static('img/gone.svg?v=1') }}`,
    })
    const templates = ['templates', 'polls/templates', 'polls/jinja2'].map(each => path.join(root, each))
    const failure = await build(root, { ...OPTIONS, templates }).catch(error =>
      stripVTControlCharacters(String(error)),
    )
    expect(failure).toContain('3 static names in templates have no file')
    expect(failure).toContain(`${path.join(root, 'templates/wrong.html')}:2:3  img/lgo.svg`)
    if (hasCss) expect(failure).toContain('no file is named img/lgo.svg; did you mean img/logo.svg?')
    expect(failure).toContain(`${path.join(root, 'polls/jinja2/b.html')}:1:4  img/gone.svg?v=1`)
    expect(failure).toContain(`Searched: ${path.join(root, 'static')}`.slice(0, hasCss ? undefined : 9))
    expect(existsSync(path.join(root, 'staticfiles'))).toBe(false)
    await build(root, { ...OPTIONS, strict: false })
  })

  test('templates of installed packages only warn', async () => {
    const root = await tree({
      ...files,
      'site-packages/other/templates/x.html': `{% static 'nowhere.png' %}`,
    })
    await build(root, { ...OPTIONS, apps: ['polls', 'site-packages/other'] })
  })

  test.runIf(hasCss)('the CSS of a script that imports none is missing', async () => {
    const root = await tree({ ...SITE, 'polls/static/polls/app.ts': 'console.log(1 as number)' })
    await rm(path.join(root, 'polls/static/polls/app.scss'))
    const failure = await build(root, OPTIONS).catch(error => stripVTControlCharacters(String(error)))
    expect(failure).toContain('1 static name in a template has no file')
    expect(failure).toContain('polls/app.css')
  })
})

describe.each(Object.keys(devVites))('entries from templates in dev, %s', version => {
  test('follow the templates, and missing names are warned of once', async () => {
    const root = await tree({ ...SITE, 'templates/wrong.html': `{% static 'img/lgo.svg' %}` })
    const { origin, output, server } = await startDevServer(root, OPTIONS, { version })
    const get = async (name: string) => {
      const headers = { 'sec-fetch-dest': 'script' }
      const response = await fetch(`${origin}/static/${name}`, { headers })
      return [response.status, (await response.text()).includes('staticfiles/head')]
    }
    const warnings = (text: string) => output.filter(line => line.includes(text))
    await vi.waitFor(() => expect(warnings('wrong.html:1:1')).toHaveLength(1))
    expect(warnings('wrong.html')[0]).toContain('did you mean img/logo.svg?')
    expect(await get('polls/app.ts')).toEqual([200, true])
    expect((await get('polls/unnamed.ts'))[1]).toBe(false)
    await vi.waitFor(() =>
      expect(server.watcher.getWatched()[path.join(root, 'templates')]).toContain('base.html'),
    )
    writeFileSync(
      path.join(root, 'templates/base.html'),
      `{% static 'polls/unnamed.ts' %}{% static 'polls/later.ts' %}`,
    )
    await vi.waitFor(async () => expect(await get('polls/unnamed.ts')).toEqual([200, true]), {
      timeout: 5000,
    })
    await vi.waitFor(() => expect(warnings('base.html:1:32')).toHaveLength(1))
    await addTo(root, { 'polls/static/polls/later.ts': 'console.log(4 as number)' })
    await vi.waitFor(async () => expect(await get('polls/later.ts')).toEqual([200, true]), { timeout: 5000 })
    expect(warnings('wrong.html')).toHaveLength(1)
  })
})
