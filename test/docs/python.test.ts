import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildMysite, mysite, shell } from './mysite.ts'
import { BLOCKS, type Block, blockOn, blocksOf } from './pages.ts'
import { describeDocs } from './python.ts'

/** The file that a block's first comment names. */
function fileOf(text: string): string | undefined {
  const file = text.match(/^# ([\w/]+\.py)\b/u)?.[1]
  return file === undefined || file.includes('/') ? file : `mysite/${file}`
}

/** `# …` stands for what was there before. */
function addedTo(text: string): string {
  return text.replace(/^( +)# …$/mu, '$1*MIDDLEWARE[1:],')
}

/** Puts a block where its page says; answers the settings to use then. */
function apply(root: string, { text }: Block): string {
  const file = fileOf(text)
  if (file === undefined || file === 'mysite/settings.py') {
    appendFileSync(path.join(root, 'mysite/settings/__init__.py'), addedTo(text))
    return 'mysite.settings'
  }
  const target = path.join(root, file)
  mkdirSync(path.dirname(target), { recursive: true })
  for (let folder = path.dirname(target); folder !== root; folder = path.dirname(folder)) {
    if (!existsSync(path.join(folder, '__init__.py'))) writeFileSync(path.join(folder, '__init__.py'), '')
  }
  writeFileSync(target, text)
  return /settings/u.test(file) ? file.replace(/\.py$/u, '').replaceAll('/', '.') : 'mysite.settings'
}

/** Files that its page shows before a block; settings may name them. */
function filesBefore(block: Block): Block[] {
  return BLOCKS.slice(0, BLOCKS.indexOf(block)).filter(
    ({ page, kind, text }) =>
      page === block.page && kind === 'python' && fileOf(text)?.includes('settings') === false,
  )
}

function importLine(text: string): string {
  const file = fileOf(text)
  if (file === undefined || /settings|manage\.py/u.test(file)) return 'pass'
  return `import django; django.setup(); import ${file.replace(/\.py$/u, '').replaceAll('/', '.')}`
}

describeDocs('Python of the pages', () => {
  test.each(blocksOf('python', 'python development'))(
    '%s runs, and Django checks the project',
    async (_, block) => {
      const root = await mysite()
      for (const before of filesBefore(block)) apply(root, before)
      const env = { DJANGO_SETTINGS_MODULE: apply(root, block) }
      expect(shell(root, 'python manage.py check', env)).toContain('no issues')
      shell(root, `python -c '${importLine(block.text)}'`, env)
    },
  )

  test('that is wrong is refused', async () => {
    const wrong = (text: string): Block => ({ page: 'x.md', place: 'x.md:1', kind: 'python', text })
    for (const [text, message] of [
      ['STATIC_URL = BASE / "x"\n', 'NameError'],
      ['STATIC_URL = "/static"\n', 'must end in a slash|slash'],
      ['# polls/templatetags/broken.py\nimport nowhere\n', 'ModuleNotFoundError'],
    ] as const) {
      const root = await mysite()
      const env = { DJANGO_SETTINGS_MODULE: apply(root, wrong(text)) }
      const run = () => shell(root, `python manage.py check && python -c '${importLine(text)}'`, env)
      expect(run, text).toThrow(new RegExp(message, 'u'))
    }
  })

  test('of tests runs', async () => {
    const root = await mysite()
    apply(root, blockOn('docs/testing.md', 'python', 1))
    expect(() => shell(root, 'python manage.py test polls.test_live')).toThrow(
      'Missing staticfiles manifest entry',
    )
    buildMysite(root)
    expect(shell(root, 'python manage.py test polls.test_live')).toContain('Ran 1 test')
  })

  const production = blocksOf('python').filter(([, { text }]) =>
    /"staticfiles": \{"BACKEND": "[\w.]*Manifest/u.test(text),
  )

  test.each(production)('%s serves a build', async (_, block) => {
    const root = await mysite()
    for (const before of filesBefore(block)) apply(root, before)
    const env = { DJANGO_SETTINGS_MODULE: apply(root, block) }
    buildMysite(root)
    const get = 'from django.test import Client; print(Client().get("/").content.decode())'
    expect(shell(root, `python manage.py shell --no-imports -c '${get}'`, env)).toMatch(
      /\/static\/polls\/app\.[\da-f]{12}\.js/u,
    )
  })
})
