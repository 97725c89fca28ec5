import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeNewestDjango } from './support/live-django.ts'
import { staticfilesCommand } from './support/project.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'playground/README.md'],
  ...readdirSync(path.join(ROOT, 'docs')).map(file => `docs/${file}`),
]

interface Block {
  /** `docs/dev.md:12` */
  readonly place: string
  readonly language: string
  readonly text: string
}

function read(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8')
}

/** The fenced blocks of a page; those in a list are indented. */
function blocksOf(page: string): Block[] {
  const text = read(page)
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(match => ({
    place: `${page}:${text.slice(0, match.index).split('\n').length}`,
    language: match[2]!,
    text: match[3]!.replace(new RegExp(`^${match[1]}`, 'gm'), ''),
  }))
}

const BLOCKS = PAGES.flatMap(blocksOf)

test('the pages have blocks', () => {
  expect(BLOCKS.length).toBeGreaterThan(60)
})

describe('links', () => {
  test.each(PAGES)('of %s lead somewhere', page => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(match => match[1]!)
    const broken = links.filter(link => {
      const [file, anchor] = link.split('#')
      const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file!)
      if (!existsSync(path.join(ROOT, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(match =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('the messages in docs/troubleshooting.md are those of the sources', () => {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true })
    .map(String)
    .filter(file => file.endsWith('.ts'))
  const sources = files
    .map(file => read(`src/${file}`))
    .join('\n')
    .replaceAll('\\`', '`')
  const own = [...read('docs/troubleshooting.md').matchAll(/^\*\*`(.+?)`\*\*\./gm)].map(match => match[1]!)
  expect(own.length).toBeGreaterThan(5)
  const parts = own
    .flatMap(message => message.split('…'))
    .map(part => part.trim())
    .filter(part => part.length > 8)
  expect(parts.filter(part => !sources.includes(part))).toEqual([])
})

test('the commands and flags of `staticfiles` exist', () => {
  const lines = BLOCKS.filter(({ language }) => ['sh', 'console'].includes(language)).flatMap(({ text }) =>
    text.split('\n'),
  )
  const commands = lines.flatMap(line => line.match(/(?<=npx staticfiles )[a-z].*/)?.[0] ?? [])
  expect(commands.length).toBeGreaterThan(5)
  for (const line of commands) {
    const [command, ...rest] = line.replace(/#.*/, '').trim().split(/\s+/)
    const help = staticfilesCommand(ROOT, [command!, '--help'])
    expect(help.code, line).toBe(0)
    for (const flag of rest.filter(each => each.startsWith('--'))) expect(help.stdout, line).toContain(flag)
  }
})

test('blocks of JSON are JSON', () => {
  for (const { place, language, text } of BLOCKS) {
    if (language === 'json') expect(() => JSON.parse(text), place).not.toThrow()
  }
})

describeNewestDjango('blocks of Python', ({ python }) => {
  test.each(
    BLOCKS.filter(({ language }) => language === 'python').map(block => [block.place, block.text] as const),
  )('compile: %s', (_, text) => {
    const options = { input: text, encoding: 'utf8' } as const
    expect(
      execFileSync(
        python,
        ['-c', 'import sys; compile(sys.stdin.read(), "block", "exec"); print("fine")'],
        options,
      ),
    ).toBe('fine\n')
  })
})
