import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { CHROMIUM, useChromium } from '../support/chromium.ts'
import type { Tree } from '../support/tree.ts'
import { mysite, pathsOf, shell } from './mysite.ts'
import { blockOn, readPage } from './pages.ts'
import { describeDocs } from './python.ts'
import { look, type Sight } from './sight.ts'
import { configurationOf } from './typescript.ts'

// Each starts many processes.
vi.setConfig({ testTimeout: 300_000 })

const WHITENOISE = `
MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
`

/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Pages use what old tools know: plain scripts and stylesheets, with an image that a stylesheet names. */
const SOURCES: Tree = {
  'static/css/base.css': "h1 { color: rgb(0, 128, 128); background: url('../img/logo.svg') }\n",
  'static/css/layout.css': 'h1 { padding-left: 7px }\n',
  'static/js/title.js': 'document.title = "The title"\n',
  'static/js/menu.js': 'document.documentElement.dataset.menu = "open"\n',
}

const SIGHT: Sight = {
  ...{ title: 'The title', menu: 'open', color: 'rgb(0, 128, 128)', padding: '7px' },
  ...{ background: true, images: [] },
}

function settingsOf(root: string): string {
  return path.join(root, 'mysite/settings/__init__.py')
}

function replaceIn(root: string, file: string, changes: Readonly<Record<string, string>>): void {
  let text = readFileSync(path.join(root, file), 'utf8')
  for (const [from, to] of Object.entries(changes)) {
    expect(text).toContain(from)
    text = text.replace(from, to)
  }
  writeFileSync(path.join(root, file), text)
}

const TEMPLATE = 'polls/templates/polls/index.html'

/** The code in the right column where the left one has this code. */
function replacementOf(page: string, code: string): string {
  const row = readPage(page)
    .split('\n')
    .find(line => line.startsWith('| ') && line.split(' | ')[0]!.includes(`\`${code}\``))
  if (row === undefined) throw new Error(`${page} has no row for ${code}`)
  const right = row.split(' | ')[1]!
  return right.startsWith('nothing') ? '' : right.match(/`([^`]+)`/u)![1]!
}

describeDocs('coming from another tool', () => {
  const chromium = useChromium()

  function expectHashed(root: string, loaded: readonly string[]): void {
    const hashed = new Set(Object.values(pathsOf(root)).map(each => `/static/${each}`))
    expect(loaded.length).toBeGreaterThan(1)
    expect(loaded.filter(url => !hashed.has(url))).toEqual([])
  }

  const plainTemplate = `{% load static %}<link rel="icon" href="data:,">
<link rel="stylesheet" href="{% static 'css/base.css' %}"><link rel="stylesheet" href="{% static 'css/layout.css' %}">
<h1>Polls</h1><script src="{% static 'js/title.js' %}"></script><script src="{% static 'js/menu.js' %}"></script>\n`

  for (const page of ['docs/from-collectstatic.md', 'docs/from-whitenoise.md']) {
    test.skipIf(!CHROMIUM && !process.env.CI)(page, async () => {
      const root = await mysite({ ...SOURCES, [TEMPLATE]: plainTemplate })
      rmSync(path.join(root, 'vite.config.ts'))
      appendFileSync(
        settingsOf(root),
        page.includes('whitenoise') ? WHITENOISE : WHITENOISE.replace(/^STORAGES.*$/mu, ''),
      )
      shell(root, 'python manage.py collectstatic --noinput')
      const before = await look(chromium(), root)
      expect(before.sight).toEqual(SIGHT)
      rmSync(path.join(root, 'staticfiles'), { recursive: true })
      const names = shell(root, 'python manage.py collectstatic --noinput --dry-run -v 2')
        .match(/(?<=Pretending to copy ').*(?=')/gu)!
        .map(file =>
          path.relative(path.join(root, file.includes('/polls/static/') ? 'polls' : '', 'static'), file),
        )
        .sort()

      writeFileSync(path.join(root, 'vite.config.ts'), blockOn('docs/from-collectstatic.md', 'ts').text)
      shell(root, blockOn(page, 'sh').text)
      const after = await look(chromium(), root)
      expect(after.sight).toEqual(before.sight)
      expectHashed(root, after.loaded)
      const listed: { name: string }[] = JSON.parse(shell(root, 'npx staticfiles list --json'))
      expect(listed.map(({ name }) => name).sort()).toEqual(names)
      expect(shell(root, 'npx staticfiles check')).toContain('0 errors')
    })
  }

  const groups: Record<
    string,
    { template: string; settings: string; build: string; tags: [string, string] }
  > = {
    'django-compressor': {
      template: `{% load static compress %}<link rel="icon" href="data:,">
{% compress css %}<link rel="stylesheet" href="{% static 'css/base.css' %}"><link rel="stylesheet" href="{% static 'css/layout.css' %}">{% endcompress %}
<h1>Polls</h1>{% compress js %}<script src="{% static 'js/title.js' %}"></script><script src="{% static 'js/menu.js' %}"></script>{% endcompress %}\n`,
      settings: `
INSTALLED_APPS.append("compressor")
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder", "compressor.finders.CompressorFinder"]
COMPRESS_OFFLINE = True
`,
      build: 'python manage.py collectstatic --noinput && python manage.py compress --force',
      tags: ['{% compress css %} … {% endcompress %}', '{% compress js %} … {% endcompress %}'],
    },
    'django-pipeline': {
      template: `{% load pipeline %}<link rel="icon" href="data:,">{% stylesheet 'site' %}<h1>Polls</h1>{% javascript 'site' %}\n`,
      settings: `
INSTALLED_APPS.append("pipeline")
STORAGES["staticfiles"]["BACKEND"] = "pipeline.storage.PipelineManifestStorage"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder", "pipeline.finders.PipelineFinder"]
PIPELINE = {
    "CSS_COMPRESSOR": None, "JS_COMPRESSOR": None,
    "STYLESHEETS": {"site": {"source_filenames": ["css/base.css", "css/layout.css"], "output_filename": "css/site-all.css"}},
    "JAVASCRIPT": {"site": {"source_filenames": ["js/title.js", "js/menu.js"], "output_filename": "js/site-all.js"}},
}
`,
      build: 'python manage.py collectstatic --noinput',
      tags: ["{% stylesheet 'site' %}", "{% javascript 'site' %}"],
    },
  }

  for (const [tool, { template, settings, build, tags }] of Object.entries(groups)) {
    test.skipIf(!CHROMIUM && !process.env.CI)(`docs/from-django-compressor.md, ${tool}`, async () => {
      const page = 'docs/from-django-compressor.md'
      const root = await mysite({ ...SOURCES, [TEMPLATE]: template })
      rmSync(path.join(root, 'vite.config.ts'))
      const [first, original] = [settingsOf(root), readFileSync(settingsOf(root), 'utf8')]
      appendFileSync(first, WHITENOISE.replace(/^STORAGES.*$/mu, '') + settings)
      shell(root, build)
      const before = await look(chromium(), root)
      expect(before.sight).toEqual(SIGHT)
      rmSync(path.join(root, 'staticfiles'), { recursive: true })

      for (const { text } of [blockOn(page, 'css bundle'), blockOn(page, 'js bundle')]) {
        writeFileSync(path.join(root, text.match(/static\/[\w/.]+/u)![0]), text)
      }
      writeFileSync(path.join(root, 'vite.config.ts'), configurationOf(blockOn(page, 'ts').text))
      const [css, js] = tags.map(tag => replacementOf(page, tag))
      writeFileSync(
        path.join(root, TEMPLATE),
        `{% load static %}<link rel="icon" href="data:,">${css}<h1>Polls</h1>${js}\n`,
      )
      writeFileSync(first, original + WHITENOISE)
      expect(shell(root, 'npx staticfiles check')).toContain('0 errors')
      shell(root, 'npx vite build')
      const after = await look(chromium(), root)
      expect(after.sight).toEqual(before.sight)
      expectHashed(root, after.loaded)
    })
  }

  test.skipIf(!CHROMIUM && !process.env.CI)('docs/from-django-vite.md', async () => {
    const page = 'docs/from-django-vite.md'
    const preload = "{% vite_preload_asset 'src/main.ts' %}"
    const [asset, image] = ["{% vite_asset 'src/main.ts' %}", "{% vite_asset_url 'img/logo.png' %}"]
    const root = await mysite({
      'src/main.ts':
        "import './main.css'\nimport logo from '../img/logo.png'\ndocument.documentElement.dataset.menu = 'open'\ndocument.title = logo && 'The title'\n",
      'src/main.css': 'h1 { color: rgb(0, 128, 128); padding-left: 7px; background: url(../img/logo.png) }\n',
      'assets/': '',
      'img/': '',
      [TEMPLATE]: `{% load django_vite %}<link rel="icon" href="data:,">{% vite_hmr_client %}{% vite_react_refresh %}${preload}${asset}
<h1>Polls</h1><img src="${image}" alt="">\n`,
      'vite.config.ts': `export default {
  base: '/static/',
  build: { outDir: 'assets', manifest: 'manifest.json', assetsInlineLimit: 0, rollupOptions: { input: 'src/main.ts' } },
}\n`,
    })
    writeFileSync(path.join(root, 'img/logo.png'), PNG)
    const original = readFileSync(settingsOf(root), 'utf8')
    appendFileSync(
      settingsOf(root),
      `${WHITENOISE.replace(/^STORAGES.*$/mu, 'STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedStaticFilesStorage"')}
INSTALLED_APPS.append("django_vite")
STATICFILES_DIRS = [BASE_DIR / "assets", BASE_DIR / "static"]
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": BASE_DIR / "assets/manifest.json"}}\n`,
    )
    shell(root, 'npx vite build && python manage.py collectstatic --noinput')
    const before = await look(chromium(), root)
    expect(before.sight).toEqual({ ...SIGHT, images: [1] })
    for (const folder of ['staticfiles', 'assets']) rmSync(path.join(root, folder), { recursive: true })

    // The steps of the page, in their order.
    for (const folder of ['src', 'img']) {
      mkdirSync(path.join(root, 'static', folder), { recursive: true })
      for (const file of readdirSync(path.join(root, folder))) {
        renameSync(path.join(root, folder, file), path.join(root, 'static', folder, file))
      }
    }
    const style = readPage(page).match(/`(<link rel="stylesheet"[^`]+)`/u)![1]!
    replaceIn(root, TEMPLATE, {
      '{% load django_vite %}': '{% load static %}',
      [asset]: style + replacementOf(page, asset),
      [image]: replacementOf(page, image),
      [preload]: replacementOf(page, preload),
      ...Object.fromEntries(
        ['{% vite_hmr_client %}', '{% vite_react_refresh %}'].map(tag => [tag, replacementOf(page, tag)]),
      ),
    })
    writeFileSync(settingsOf(root), original + WHITENOISE)
    writeFileSync(
      path.join(root, 'vite.config.ts'),
      configurationOf(readPage(page).match(/`plugins: \[(.*)\]` in/u)![1]!),
    )
    expect(shell(root, 'npx staticfiles check')).toContain('0 errors')
    shell(root, 'npx vite build')
    const after = await look(chromium(), root)
    expect(after.sight).toEqual(before.sight)
    expectHashed(root, after.loaded)
  })
})
