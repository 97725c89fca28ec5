import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import { joined, writePieces } from '../../base/files/pieces.ts'
import type { Plan } from '../../static-root/plan.ts'
import type { Changes, ReportedFile } from './report.ts'
import { namesByHashedName, sizeOf } from './written.ts'

/** What a report of the next build needs of this one: the hashed name and the size in bytes of each name. */
interface Remembered {
  readonly builtAt: string
  readonly files: Readonly<Record<string, readonly [hashedName: string, bytes: number]>>
}

type Written = Pick<Plan, 'paths' | 'written'>

/** Remembers what a build wrote, and keeps what the one before it did. */
export function rememberBuild(cacheDir: string, staticRoot: string, { paths, written }: Written): void {
  const { last, before } = filesFor(cacheDir, staticRoot)
  // Looking at each file would take longer than all the rest.
  const size = (hashedName: string) => written.get(hashedName)?.size || (sizeOf(staticRoot, hashedName) ?? 0)
  function* entries(): Generator<string> {
    for (const [hashedName, name] of namesByHashedName(paths))
      yield `${JSON.stringify(name)}: ${JSON.stringify([hashedName, size(hashedName)])}`
  }
  function* pieces(): Generator<string> {
    yield `{"builtAt": "${new Date().toISOString()}", "files": {`
    yield* joined(entries(), ',')
    yield '}}'
  }
  try {
    mkdirSync(path.dirname(last), { recursive: true })
    if (existsSync(last)) renameSync(last, before)
    writePieces(last, pieces())
  } catch {
    // Without it a report says nothing of changes.
  }
}

/** How files differ from those of the build before the last; `undefined` where none is known. */
export function changesSince(
  cacheDir: string,
  staticRoot: string,
  files: readonly ReportedFile[],
): Changes | undefined {
  const before = recall(filesFor(cacheDir, staticRoot).before)
  return before && compare(before, files)
}

/** Several builds of one project, with static roots of their own, may share a cache. */
function filesFor(cacheDir: string, staticRoot: string): { last: string; before: string } {
  const hash = createHash('sha256').update(staticRoot).digest('hex').slice(0, 12)
  const file = (which: string) => path.join(cacheDir, `staticfiles/build-${hash}.${which}.json`)
  return { last: file('last'), before: file('before') }
}

function compare(before: Remembered, files: readonly ReportedFile[]): Changes {
  const now = new Map(files.map(each => [each.name, each]))
  const known = new Map(Object.entries(before.files))
  const change = (name: string) => ({
    name,
    before: known.get(name)?.[1] ?? 0,
    after: now.get(name)?.raw ?? 0,
  })
  const isChanged = (name: string) => known.get(name)![0] !== now.get(name)!.hashedName
  return {
    since: before.builtAt,
    added: [...now.keys()].filter(name => !known.has(name)).map(change),
    removed: [...known.keys()].filter(name => !now.has(name)).map(change),
    changed: [...now.keys()].filter(name => known.has(name) && isChanged(name)).map(change),
  }
}

function recall(file: string): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
