import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { mapConcurrently } from '../base/concurrency.ts'
import { StaticFilesError } from '../base/errors.ts'

const FILES_AT_ONCE = 16

/**
 * What the `integrity` attribute takes for each file, by its name below the static root.
 * @see https://www.w3.org/TR/SRI/
 * @throws StaticFilesError at the first file that cannot be read
 */
export async function integrityOf(names: Iterable<string>, staticRoot: string): Promise<Map<string, string>> {
  const list = [...names]
  const digests = await mapConcurrently(list, FILES_AT_ONCE, name => sha384(path.join(staticRoot, name)))
  return new Map(list.map((name, index) => [name, `sha384-${digests[index]}`]))
}

async function sha384(file: string): Promise<string> {
  const hash = createHash('sha384')
  try {
    await pipeline(createReadStream(file), hash)
  } catch (cause) {
    throw new StaticFilesError(`cannot read ${file} for its integrity: ${(cause as Error).message}`, {
      cause,
    })
  }
  return hash.digest('base64')
}
