import { existsSync, renameSync } from 'node:fs'
import { cacheFile, readCacheFile, writeCacheFile } from '../../base/files/cache-file.ts'
import type { Plan } from '../../static-root/plan.ts'
import { namesByHashedName, sizeOf } from './manifest-names.ts'
import type { Changes, ReportedFile } from './report.ts'

/** What the report of the next build needs to know about a file of this build. */
type FileRow = readonly [name: string, hashedName: string, bytes: number]

/** When the build ended, and then its files. */
type Row = string | FileRow

/** Without the version of this package, because rows of other versions are right too: they may differ in files. */
const FORMAT = 'build 1'

type BuiltFiles = Pick<Plan, 'paths' | 'outputsByName'>

/** Keeps what a build wrote, and what the previous build wrote. */
export function rememberBuild(
  cacheDir: string,
  staticRoot: string,
  { paths, outputsByName }: BuiltFiles,
): void {
  const { last, previous } = filesFor(cacheDir, staticRoot)
  // A stat of each file would take longer than all the rest.
  const size = (hashedName: string) =>
    outputsByName.get(hashedName)?.size || (sizeOf(staticRoot, hashedName) ?? 0)
  function* rows(): Generator<Row> {
    yield new Date().toISOString()
    for (const [hashedName, name] of namesByHashedName(paths)) yield [name, hashedName, size(hashedName)]
  }
  try {
    if (existsSync(last)) renameSync(last, previous)
  } catch {
    // Without this file a report only shows no changes.
  }
  writeCacheFile(last, rows(), FORMAT)
}

/** Returns how files differ from those of the previous build of this folder, or `undefined` if there was none. */
export function changesSince(
  cacheDir: string,
  staticRoot: string,
  files: readonly ReportedFile[],
): Changes | undefined {
  const [builtAt, ...before] = readCacheFile<Row>(filesFor(cacheDir, staticRoot).previous, FORMAT)
  return builtAt === undefined ? undefined : compare(builtAt as string, before as FileRow[], files)
}

/** Names files by the static root, because several builds of a project may share a cache. */
function filesFor(cacheDir: string, staticRoot: string): { last: string; previous: string } {
  return {
    last: cacheFile(cacheDir, 'build', ['last', staticRoot]),
    previous: cacheFile(cacheDir, 'build', ['before', staticRoot]),
  }
}

function compare(builtAt: string, before: readonly FileRow[], files: readonly ReportedFile[]): Changes {
  const now = new Map(files.map(each => [each.name, each]))
  const previous = new Map(before.map(([name, hashedName, bytes]) => [name, [hashedName, bytes] as const]))
  const change = (name: string) => ({
    name,
    before: previous.get(name)?.[1] ?? 0,
    after: now.get(name)?.raw ?? 0,
  })
  const isChanged = (name: string) => previous.get(name)![0] !== now.get(name)!.hashedName
  return {
    since: builtAt,
    added: [...now.keys()].filter(name => !previous.has(name)).map(change),
    removed: [...previous.keys()].filter(name => !now.has(name)).map(change),
    changed: [...now.keys()].filter(name => previous.has(name) && isChanged(name)).map(change),
  }
}
