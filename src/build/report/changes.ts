import { existsSync, renameSync } from 'node:fs'
import { cacheFile, readCacheFile, writeCacheFile } from '../../base/files/cache-file.ts'
import type { Plan } from '../../static-root/plan.ts'
import { namesByHashedName, sizeOf } from './manifest-names.ts'
import type { Changes, ReportedFile } from './report.ts'

/** What a report of the next build needs of this one. */
type FileRow = readonly [name: string, hashedName: string, bytes: number]

/** When the build was, and then its files. */
type Row = string | FileRow

/** The rows are what they are whatever code wrote them: another version of this package may change files. */
const FORMAT = 'build 1'

type BuiltFiles = Pick<Plan, 'paths' | 'outputsByName'>

/** Remembers what a build wrote, and keeps what the one before it did. */
export function rememberBuild(
  cacheDir: string,
  staticRoot: string,
  { paths, outputsByName }: BuiltFiles,
): void {
  const { last, before } = filesFor(cacheDir, staticRoot)
  // Looking at each file would take longer than all the rest.
  const size = (hashedName: string) =>
    outputsByName.get(hashedName)?.size || (sizeOf(staticRoot, hashedName) ?? 0)
  function* rows(): Generator<Row> {
    yield new Date().toISOString()
    for (const [hashedName, name] of namesByHashedName(paths)) yield [name, hashedName, size(hashedName)]
  }
  try {
    if (existsSync(last)) renameSync(last, before)
  } catch {
    // Without it a report says nothing of changes.
  }
  writeCacheFile(last, rows(), FORMAT)
}

/** How files differ from those of the build before the last; `undefined` where none is then. */
export function changesSince(
  cacheDir: string,
  staticRoot: string,
  files: readonly ReportedFile[],
): Changes | undefined {
  const [builtAt, ...before] = readCacheFile<Row>(filesFor(cacheDir, staticRoot).before, FORMAT)
  return builtAt === undefined ? undefined : compare(builtAt as string, before as FileRow[], files)
}

/** Several builds of one project, with static roots of their own, may share a cache. */
function filesFor(cacheDir: string, staticRoot: string): { last: string; before: string } {
  return {
    last: cacheFile(cacheDir, 'build', ['last', staticRoot]),
    before: cacheFile(cacheDir, 'build', ['before', staticRoot]),
  }
}

function compare(builtAt: string, before: readonly FileRow[], files: readonly ReportedFile[]): Changes {
  const now = new Map(files.map(each => [each.name, each]))
  const then = new Map(before.map(([name, hashedName, bytes]) => [name, [hashedName, bytes] as const]))
  const change = (name: string) => ({
    name,
    before: then.get(name)?.[1] ?? 0,
    after: now.get(name)?.raw ?? 0,
  })
  const isChanged = (name: string) => then.get(name)![0] !== now.get(name)!.hashedName
  return {
    since: builtAt,
    added: [...now.keys()].filter(name => !then.has(name)).map(change),
    removed: [...then.keys()].filter(name => !now.has(name)).map(change),
    changed: [...now.keys()].filter(name => then.has(name) && isChanged(name)).map(change),
  }
}
