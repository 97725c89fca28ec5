import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT: string = path.resolve(import.meta.dirname, '../..')

/** Every page that is written for people. */
export const PAGES: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'playground/README.md'],
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => `docs/${file.replaceAll(path.sep, '/')}`)
    .sort(),
]

/**
 * What stands behind the fence of a block, with the test file that runs such blocks. Most have the language alone; a second word says
 * what is special about the block.
 */
export const KINDS = {
  // Configurations and fragments of them: each builds a project.
  ts: 'configurations',
  'js rollup': 'configurations',
  'ts entry': 'configurations',
  'scss entry': 'configurations',
  // Scripts: each runs, and the values behind `//` are compared.
  js: 'scripts',
  'js server': 'scripts',
  'ts finder': 'scripts',
  'ts error': 'scripts',
  // A file of a project where its first comment names one, otherwise added to the settings.
  python: 'python',
  'python development': 'python',
  // Templates, and what they render.
  html: 'templates',
  jinja: 'templates',
  'html result': 'templates',
  // What the steps of a migration write.
  'css bundle': 'migrations',
  'js bundle': 'migrations',
  // Commands: in a project, or in a clone of the repository.
  sh: 'commands',
  'sh clone': 'commands',
  'sh playground': 'commands',
  console: 'commands',
  // Of pytest.
  ini: 'commands',
  // What is printed or written.
  'css result': 'output',
  'text tree': 'output',
  'text missing-entry': 'output',
  'text broken-references': 'output',
  'text not-minified': 'output',
  'text rooms': 'rooms',
  'json check': 'output',
  'json manifest': 'output',
  // Servers: each serves a build.
  nginx: 'serving',
  caddy: 'serving',
  'js static-server': 'serving',
  'text index': 'serving',
  // Deployment.
  dockerfile: 'deployment',
  'text dockerignore': 'deployment',
  yaml: 'deployment',
  'yaml steps': 'deployment',
  'yaml gitlab': 'deployment',
} as const satisfies Record<string, string>

export type Kind = keyof typeof KINDS

/** A fenced block of a page. */
export interface Block {
  readonly page: string
  /** `docs/dev.md:12` */
  readonly place: string
  /** What stands behind the fence; '' for nothing. */
  readonly kind: string
  readonly text: string
}

export function readPage(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8')
}

/** The fenced blocks of a text; those in a list are indented. */
export function parseBlocks(page: string, text: string): Block[] {
  return [...text.matchAll(/^( *)```(.*)\n([\s\S]*?)^\1```$/gmu)].map(match => ({
    page,
    place: `${page}:${text.slice(0, match.index).split('\n').length}`,
    kind: match[2]!.trim(),
    text: match[3]!.replace(new RegExp(`^${match[1]}`, 'gmu'), ''),
  }))
}

export const BLOCKS: readonly Block[] = PAGES.flatMap(page => parseBlocks(page, readPage(page)))

/** For `test.each`: where each block stands, and its text. */
export function blocksOf(...kinds: Kind[]): [place: string, block: Block][] {
  return BLOCKS.filter(({ kind }) => kinds.includes(kind as Kind)).map(block => [block.place, block])
}

/** The only block of a kind on a page; `nth` where there are more. */
export function blockOn(page: string, kind: Kind, nth = 0): Block {
  const block = BLOCKS.filter(each => each.page === page && each.kind === kind)[nth]
  if (!block) throw new Error(`${page} has no block ${nth} of the kind '${kind}'`)
  return block
}

/** Those that nothing runs. */
export function unknownBlocks(blocks: readonly Block[]): string[] {
  return blocks
    .filter(({ kind }) => !(kind in KINDS))
    .map(({ place, kind }) => `${place}: no test runs a block of the kind '${kind}'`)
}

/** As GitHub makes them of headings. */
export function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gmu)].map(match =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
