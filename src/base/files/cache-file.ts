import { createHash, hash } from 'node:crypto'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageVersion } from '../package-version.ts'
import { batches, writeChunks } from './chunks.ts'
import { replaceFileSync } from './replace-file.ts'

const CHECKSUM_LENGTH = 32

/**
 * Returns the absolute path of a file in which builds of one kind keep something for later builds, whatever folder they
 * fill.
 * @param kind what distinguishes builds whose files would differ
 */
export function cacheFile(cacheDir: string, name: string, kind: readonly unknown[]): string {
  return path.join(cacheDir, `staticfiles/${name}-${hash('md5', JSON.stringify(kind)).slice(0, 12)}.json`)
}

/**
 * Reads what {@link writeCacheFile} wrote. Returns no rows if anything is wrong with the file, or if another maker wrote
 * it.
 */
export function readCacheFile<Row>(file: string, maker: string = thisCode()): Row[] {
  try {
    const bytes = readFileSync(file)
    const end = bytes.length - CHECKSUM_LENGTH
    if (hash('md5', bytes.subarray(0, end)) !== bytes.toString('latin1', end)) return []
    const [writtenBy, ...lines] = bytes.toString('utf8', 0, end - 1).split('\n')
    return writtenBy === maker ? lines.map(line => JSON.parse(line)) : []
  } catch {
    return []
  }
}

/**
 * Writes the maker, a line of JSON for each row, and the MD5 of all that comes before.
 * @param maker what the rows depend on besides what names `file`; default: the code of this package, because other code
 *   may read something else from a source
 */
export function writeCacheFile<Row>(file: string, rows: Iterable<Row>, maker: string = thisCode()): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    replaceFileSync(file, temporary => writeChunks(temporary, withChecksum(linesOf(rows, maker))))
  } catch {
    // Without the file the next build only does all the work again.
  }
}

function thisCode(): string {
  return `${packageVersion()} ${statSync(fileURLToPath(import.meta.url)).mtimeMs}`
}

function* linesOf(rows: Iterable<unknown>, maker: string): Generator<string> {
  yield `${maker}\n`
  for (const row of rows) yield `${JSON.stringify(row)}\n`
}

function* withChecksum(lines: Iterable<string>): Generator<string> {
  const digest = createHash('md5')
  for (const batch of batches(lines)) {
    digest.update(batch)
    yield batch
  }
  yield digest.digest('hex')
}
