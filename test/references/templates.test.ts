import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import type { Options } from 'vite-plugin-staticfiles'
import { describe, expect, test } from 'vitest'
import { readTemplates } from '../../src/references/templates/read.ts'
import { staticTags } from '../../src/references/templates/scan.ts'
import { bundlers } from '../support/bundlers.ts'
import { devVites, startDevServer } from '../support/dev-server.ts'
import { eventually } from '../support/eventually.ts'
import { describeEachDjango, describeNewestDjango, runPython } from '../support/live-django.ts'
import { addTo, tree } from '../support/tree.ts'

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
  [String.raw`{% static 'a\"b.png' %}`, [String.raw`a\"b.png`]],
  [`{% static 'a.png' whatever %}{% static 'b.png' |upper %}`, ['a.png', 'b.png']],
  [`{% static _('a.png') %}{% static "a.png"|lower as url %}`, []],
  [
    `{% comment %}{% verbatim %}{% endcomment %}{% endverbatim %}{% endcomment %}{% static 'a.png' %}`,
    ['a.png'],
  ],
  [`{% comment %}{# {% endcomment %} #}{% endcomment %}{% static 'a.png' %}`, ['a.png']],
  [`{% comment %}{{ static('a.png') }}{% endcomment %}{% static 'b.png' %}`, ['b.png']],
  ['{% static "a\u2028b.png" %}', ['a\u2028b.png']],
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
  [`{{ {'a': {'b': 1}}['a'] ~ static('a.png') }}`, ['a.png']],
  [`{{ 'a'|static('b.png') }}{{ x is static('a.png') }}{{ x is not static('a.png') }}`, []],
  [`{{ not static('a.png') }}{% filter static('b.png') %}{% endfilter %}`, ['a.png']],
  [`{% if a %}{{ static\n(\n'a.png'\n) }}{% endif %}`, ['a.png']],
  [`{{ x . static('a.png') }}{{ static('b.png').c }}`, ['b.png']],
]

/** Nothing that Jinja reads: LaTeX, JavaScript, quotes that nobody closes. */
const HOSTILE: [what: string, text: string][] = [
  ['strings after a tag that nobody closes', `\\newcommand{\\static}{%\n${`'a' "b" `.repeat(100_000)}`],
  ['brackets that nobody closes', `static {{ ${'('.repeat(500_000)}`],
  ['openings alone', `static ${'{{'.repeat(250_000)}`],
  ['escaped quotes', `static {{ ${'\\"'.repeat(250_000)}`],
  ['one long string', `{{ static('${'a'.repeat(900_000)}') }}`],
]

const urls = (tags: readonly { url: string }[]) => tags.map(({ url }) => url)

test.each(DJANGO)('Django: %s', (text, expected) => {
  expect(urls(staticTags(text))).toEqual(expected)
})

test.each(JINJA)('Jinja: %s', (text, expected) => {
  expect(urls(staticTags(text, 'jinja2'))).toEqual(expected)
})

test.each([
  ["{{ static('a.png') }}", ['a.png']],
  ["{% if x %}{{ static('a.png') }}{% endif %}", ['a.png']],
  ["{% load static %}{% static 'a.png' %}{{ static('b.png') }}", ['a.png']],
])('a folder that does not tell its language: %s', (text, expected) => {
  expect(urls(staticTags(text))).toEqual(expected)
})

test.each(HOSTILE)('a megabyte is read at once: %s', (_what, text) => {
  expect(staticTags(text, 'jinja2').length).toBeLessThan(2)
})

const ALL_PIECES = [
  '{%',
  '%}',
  '{{',
  '}}',
  '{#',
  '#}',
  ' static ',
  "'a.png'",
  '"',
  "'",
  '\\',
  '\n',
  'static(',
  ')',
  'é',
  '𝒳',
]

test('names are where the scanner says, whatever the text', () => {
  const piece = fc.constantFrom(...ALL_PIECES, 'comment', 'endcomment', 'verbatim', 'raw', 'endraw')
  fc.assert(
    fc.property(fc.array(piece), fc.constantFrom('jinja2' as const, 'any' as const), (pieces, language) => {
      const text = pieces.join('')
      for (const { start } of staticTags(text, language)) {
        expect(text.slice(start)).toMatch(/^(?:\{%\s*)?static/)
      }
    }),
    { numRuns: 2000 },
  )
})

/** Texts that are templates now and then, the same each time. They come in lists that fit on a command line. */
function sampleTexts(pieces: readonly string[]): string[][] {
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(parts => parts.join(''))
  return fc.sample(fc.array(text, { minLength: 700, maxLength: 700 }), { numRuns: 4, seed: 1 })
}

const DJANGO_PIECES = [
  ...["{% static 'a.png' %}", '{% static "b.png" as url %}', "{% static 'a'|upper %}", '{% static name %}'],
  ...['{% comment %}', '{% endcomment %}', '{% verbatim %}', '{% endverbatim %}', '{% verbatim a %}'],
  ...[
    '{% endverbatim a %}',
    '{#',
    '#}',
    '{{',
    '}}',
    '{{ x }}',
    ' x ',
    '\n',
    "{% static 'it\\'s' %}",
    '{% static "a" b %}',
  ],
  ...['{% if x %}', '{% endif %}', "{% static 'c.png'\n%}", '{%', '%}', "'"],
]

const JINJA_PIECES = [
  ...[
    "{{ static('a.png') }}",
    '{{',
    '}}',
    ' ~ ',
    "static('b.png')",
    ' "}}" ',
    " 'x' ",
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
  ],
  ...[
    '{#',
    '#}',
    '{% raw %}',
    '{% endraw %}',
    '{%- raw -%}',
    '{% set x = ',
    ' %}',
    '-%}',
    ' x ',
    '.',
    '|',
    ' is ',
    ' not ',
  ],
  ...['{% if x %}', '{% endif %}', '\n', ',', 'static( "c.png" , )', 'static(x)', ' if ', ' else '],
]

/** Names with their lines, as the Python scripts print them; `null` for what is no template. */
type Names = [name: string, line: number][] | null

interface DjangoAnswer {
  readonly texts: Names[]
  readonly folder: string
  readonly files: Record<string, Names>
}

describeEachDjango('Django reads templates as the scanner does', ({ python }) => {
  const ask = (texts: readonly string[]) =>
    runPython<DjangoAnswer>(python, path.join(import.meta.dirname, '../django/templates.py'), { texts })
  const lineOf = (text: string, start: number) => text.slice(0, start).split('\n').length
  const ours = (text: string) => staticTags(text).map(({ url, start }) => [url, lineOf(text, start)])

  test('in the table, and in all templates of the admin', async () => {
    const texts = DJANGO.map(([text]) => text)
    const django = await ask(texts)
    expect(texts.map(ours)).toEqual(django.texts)
    const files = [...readTemplates([{ folder: django.folder, language: 'django' }])].map(
      ([file, references]) => [file, references.map(({ url, line }) => [url, line])],
    )
    expect(Object.keys(django.files).length).toBeGreaterThan(5)
    expect(Object.fromEntries(files)).toEqual(django.files)
  })

  test('in texts made of tags', async () => {
    const samples = sampleTexts(DJANGO_PIECES)
    const texts = samples.flat()
    const names = (await Promise.all(samples.map(ask))).flatMap(answer => answer.texts)
    const valid = texts.flatMap((text, index) => (names[index] ? [{ text, names: names[index] }] : []))
    expect(valid.filter(each => each.names.length > 0).length).toBeGreaterThan(50)
    expect(valid.map(({ text }) => ({ text, names: ours(text) }))).toEqual(valid)
  })
})

describeNewestDjango('Jinja reads templates as the scanner does', ({ python }) => {
  const ask = (texts: readonly string[]) =>
    runPython<(string[] | null)[]>(python, path.join(import.meta.dirname, '../django/jinja.py'), texts)
  const ours = (text: string) => urls(staticTags(text, 'jinja2')).sort()

  test('in the table', async () => {
    const texts = JINJA.map(([text]) => text)
    const names = await ask(texts)
    expect(texts.map(ours)).toEqual(names.map(each => each ?? []))
  })

  test('in texts made of tags', async () => {
    const samples = sampleTexts(JINJA_PIECES)
    const texts = samples.flat()
    const names = (await Promise.all(samples.map(ask))).flat()
    const valid = texts.flatMap((text, index) => (names[index] ? [{ text, names: names[index] }] : []))
    expect(valid.filter(each => each.names.length > 0).length).toBeGreaterThan(50)
    expect(valid.map(({ text }) => ({ text, names: ours(text) }))).toEqual(valid)
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

  test('the whole error, and a release that stays as it is', async () => {
    const root = await tree(files)
    await build(root, OPTIONS)
    const release = path.join(root, 'staticfiles/staticfiles.json')
    const before = readFileSync(release, 'utf8')
    await addTo(root, {
      'templates/wrong.html': `{% static '/img/logo.svg' %}\n{% static './img/logo.svg' %}
        {% static 'https://example.com/a.js' %}{% static 'img/' %}{% static '' %}`,
    })
    const failure = await build(root, { ...OPTIONS, templates: [path.join(root, 'templates')] }).catch(
      error => stripVTControlCharacters(String(error)),
    )
    const hint = hasCss ? '; did you mean img/logo.svg?' : ''
    expect(failure).toContain(
      `staticfiles: 2 static names in templates have no file

  ${root}/templates/wrong.html:1:1  /img/logo.svg
    no file is named /img/logo.svg${hint}
  ${root}/templates/wrong.html:2:1  ./img/logo.svg
    no file is named ./img/logo.svg${hint}

Searched: ${root}/static, ${root}/polls/static
Add the file or correct the name; or set \`strict: false\` to be warned only. Django fails on such a name when it renders the template.`,
    )
    expect(readFileSync(release, 'utf8')).toBe(before)
  })

  test('templates of installed packages only warn', async () => {
    const root = await tree({
      ...files,
      'site-packages/other/templates/x.html': `{% static 'nowhere.png' %}`,
    })
    await build(root, { ...OPTIONS, apps: ['polls', 'site-packages/other'] })
  })

  test.runIf(hasCss)('the CSS of a script is what it imports, not what its folder has', async () => {
    const root = await tree({
      'templates/a.html': `{% static 'polls/app.css' %}{% static 'polls/app.js' %}`,
      'static/polls/app.ts': `import './app.scss'; import './more.css'; console.log(1 as number)`,
      'static/polls/app.scss': '.scss { color: red }',
      'static/polls/more.css': '.more { color: red }',
    })
    const out = await build(root, { ...OPTIONS, apps: [] })
    const { paths } = JSON.parse(readFileSync(path.join(out, 'staticfiles.json'), 'utf8'))
    expect(readFileSync(path.join(out, paths['polls/app.css']), 'utf8')).toMatch(/\.scss.*\.more/s)
    expect(paths['polls/app.js']).toBe(paths['polls/app.ts'])
  })

  test.runIf(hasCss)('a built name that two sources could have is no entry', async () => {
    const root = await tree({
      'templates/a.html': `{% static 'a.js' %}`,
      'static/a.ts': 'console.log(1 as number)',
      'static/a.tsx': 'console.log(2 as number)',
    })
    const failure = await build(root, { ...OPTIONS, apps: [] }).catch(error =>
      stripVTControlCharacters(String(error)),
    )
    expect(failure).toContain('no file is named a.js; did you mean a.ts or a.tsx?')
    await addTo(root, { 'templates/b.html': `{% static 'a.tsx' %}` })
    const out = await build(root, { ...OPTIONS, apps: [] })
    expect(readFileSync(path.join(out, 'staticfiles.json'), 'utf8')).toMatch(/"a\.js": "a\.[0-9a-f]{12}\.js"/)
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
    const root = await tree({
      ...SITE,
      'templates/wrong.html': `{% static 'img/lgo.svg' %}\n{% static './img/logo.svg' %}`,
    })
    const { origin, output, server } = await startDevServer(root, OPTIONS, { version })
    const get = async (name: string) => {
      const headers = { 'sec-fetch-dest': 'script' }
      const response = await fetch(`${origin}/static/${name}`, { headers })
      return [response.status, (await response.text()).includes('staticfiles/head')]
    }
    const warnings = (text: string) => output.filter(line => line.includes(text))
    await eventually(() => expect(warnings('wrong.html:1:1')).toHaveLength(1))
    expect(warnings('wrong.html')[0]).toContain('did you mean img/logo.svg?')
    expect(warnings('wrong.html:2:1')).toHaveLength(1)
    expect(await get('polls/app.ts')).toEqual([200, true])
    expect((await get('polls/unnamed.ts'))[1]).toBe(false)
    await eventually(() =>
      expect(server.watcher.getWatched()[path.join(root, 'templates')]).toContain('base.html'),
    )
    writeFileSync(
      path.join(root, 'templates/base.html'),
      `{% static 'polls/unnamed.ts' %}{% static 'polls/later.ts' %}`,
    )
    await eventually(async () => expect(await get('polls/unnamed.ts')).toEqual([200, true]))
    await eventually(() => expect(warnings('base.html:1:32')).toHaveLength(1))
    await addTo(root, { 'polls/static/polls/later.ts': 'console.log(4 as number)' })
    await eventually(async () => expect(await get('polls/later.ts')).toEqual([200, true]))
    expect(warnings('wrong.html')).toHaveLength(2)
  })
})
