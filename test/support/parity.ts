import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { INDEX } from '../../src/static-root/index/index-file.ts'
import { LEDGER } from '../../src/static-root/releases/ledger.ts'

/** A folder that `collectstatic`, or the plugin, has filled. */
export interface Collected {
  /** The text of `staticfiles.json`. */
  readonly manifest: string
  /** By name. */
  readonly files: Readonly<Record<string, CollectedHash>>
  /** What is neither a collected name nor its hashed one. */
  readonly others: readonly string[]
}

/** A hashed file; its content only where it differs from the source. */
export interface CollectedHash {
  readonly hashed: string
  readonly sha256: string
  readonly text?: string
  readonly base64?: string
}

/** Reads a folder that is filled. */
export function readCollected(root: string): Collected {
  const written = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
  const manifest = readFileSync(path.join(root, 'staticfiles.json'), 'utf8')
  const paths: Record<string, string> = JSON.parse(manifest).paths
  // The index is ours alone; the ledger of releases is there where Vite does not empty the folder.
  const known = new Set(['staticfiles.json', INDEX, LEDGER, ...Object.keys(paths), ...Object.values(paths)])
  const files = Object.entries(paths).map(([name, hashed]) => [name, readHashed(root, name, hashed)])
  return {
    manifest,
    files: Object.fromEntries(files),
    others: written.filter(name => !known.has(name)).sort(),
  }
}

function readHashed(root: string, name: string, hashed: string): CollectedHash {
  const content = readFileSync(path.join(root, hashed))
  const sha256 = createHash('sha256').update(content).digest('hex')
  if (content.equals(readFileSync(path.join(root, name)))) return { hashed, sha256 }
  const text = content.toString()
  return Buffer.from(text).equals(content)
    ? { hashed, sha256, text }
    : { hashed, sha256, base64: content.toString('base64') }
}

/**
 * The names whose hashed files differ, but for those that differ only because they name such a file by its hash.
 * @param sourceOf the bytes of a source
 */
export function differences(
  django: Collected,
  ours: Collected,
  sourceOf: (name: string) => Buffer,
): Map<string, string> {
  const names = differing(django, ours)
  const normalize = [django, ours].map(side => withoutHashes(side, names))
  const result = new Map<string, string>()
  for (const name of names) {
    const files = [django.files[name], ours.files[name]]
    if (files.includes(undefined)) {
      result.set(name, files[0] ? 'Django alone has it' : 'only we have it')
      continue
    }
    const contents = files.map(file => contentOf(file!, () => sourceOf(name)))
    const [theirs, mine] = contents.map((content, side) => normalize[side]!(content))
    if (contents[0] === contents[1]) result.set(name, `${files[0]!.hashed} ≠ ${files[1]!.hashed}`)
    else if (theirs !== mine) result.set(name, firstDifference(theirs!, mine!))
  }
  return result
}

/** All names whose hashed names or bytes differ. */
export function differing(django: Collected, ours: Collected): string[] {
  const names = new Set([...Object.keys(django.files), ...Object.keys(ours.files)])
  return [...names].filter(name => {
    const [theirs, mine] = [django.files[name], ours.files[name]]
    return theirs?.hashed !== mine?.hashed || theirs?.sha256 !== mine?.sha256
  })
}

function contentOf({ text, base64 }: CollectedHash, source: () => Buffer): string {
  if (text !== undefined) return Buffer.from(text).toString('latin1')
  return (base64 === undefined ? source() : Buffer.from(base64, 'base64')).toString('latin1')
}

function withoutHashes(side: Collected, names: readonly string[]): (content: string) => string {
  const hashes = new Set(names.map(name => hashIn(side.files[name]?.hashed ?? '')))
  return content => content.replace(/\.([0-9a-f]{12})\b/g, (all, hash) => (hashes.has(hash) ? '.HASH' : all))
}

function hashIn(hashedName: string): string | undefined {
  return /\.([0-9a-f]{12})(?:\.[^./]*)?$/.exec(hashedName)?.[1]
}

function firstDifference(theirs: string, mine: string): string {
  let at = 0
  while (theirs[at] === mine[at]) at++
  const excerpt = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 60))
  return `Django ${excerpt(theirs)}, here ${excerpt(mine)}`
}
