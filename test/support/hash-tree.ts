import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type AnalyseOptions, type Analysis, analyse } from '../../src/hash/analyse.ts'
import { Hasher } from '../../src/hash/hasher.ts'
import { ParseCache } from '../../src/references/parse-cache.ts'

/** Static names and what the files hold. */
export type Tree = Readonly<Record<string, string | Uint8Array>>

/** The folders that trees are written to are gone when they are read, so a source is known by its name. */
export interface HashedTree {
  readonly missing: Analysis['missing']
  readonly foreign: Analysis['missing']
  readonly warnings: readonly string[]
  readonly unminified: readonly string[]
  readonly hasher: Hasher
  /** The hashed name of a name. */
  hashed(name: string): string
  /** The final bytes of a file, as text. */
  text(name: string): string
  /** The final bytes. */
  bytes(name: string): Buffer
}

/** Analyses and hashes a tree; files are listed in the order of its keys. */
export async function hashTree(tree: Tree, options: Partial<AnalyseOptions> = {}): Promise<HashedTree> {
  const folder = mkdtempSync(path.join(tmpdir(), 'staticfiles-tree-'))
  // Texts are read again when they are rewritten.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(tree)) write(path.join(folder, name), content)
  return hashFolder(folder, tree, options)
}

async function hashFolder(folder: string, tree: Tree, options: Partial<AnalyseOptions>): Promise<HashedTree> {
  const files = Object.keys(tree).map(name => ({ name, source: path.join(folder, name), shadowed: [] }))
  const analysis = await analyse(new Map(files.map(file => [file.name, file])), {
    ...{ staticPath: '/static/', css: 'preserve', js: 'modules' },
    ...{ bundled: new Set(), cache: new ParseCache() },
    ...options,
  })
  const hasher = new Hasher(analysis.files, { mode: options.hash })
  await hasher.run(new Map())
  const relative = (text: string) => text.replaceAll(folder + path.sep, '')
  const rewritten = (name: string) => hasher.files.get(name)?.rewritten
  const bytes = (name: string) => rewritten(name)?.bytes ?? Buffer.from(tree[name]!)
  return {
    missing: analysis.missing.map(reference => ({ ...reference, source: relative(reference.source) })),
    foreign: [...analysis.foreign],
    warnings: analysis.warnings.map(relative),
    unminified: Object.keys(tree).flatMap(name => relative(rewritten(name)?.problem ?? '') || []),
    hasher,
    hashed: name => hasher.files.get(name)!.hashedName,
    text: name => bytes(name).toString(),
    bytes,
  }
}

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
}
