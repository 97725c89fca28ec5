import path from 'node:path'
import { StaticFilesError } from '../base/errors.ts'
import { type HashMethod, hashFile } from '../base/files/hash-file.ts'

const SHA384: HashMethod = { algorithm: 'sha384', encoding: 'base64' }

/**
 * Returns the value of the `integrity` attribute for each file, by its name below the static root.
 * @see https://www.w3.org/TR/SRI/
 * @throws StaticFilesError at the first file that cannot be read
 */
export function integrityOf(names: Iterable<string>, staticRoot: string): Map<string, string> {
  const digests = new Map<string, string>()
  for (const name of names) digests.set(name, `sha384-${sha384(path.join(staticRoot, name))}`)
  return digests
}

function sha384(file: string): string {
  try {
    return hashFile(file, SHA384)
  } catch (cause) {
    throw new StaticFilesError(`cannot read ${file} for its integrity: ${(cause as Error).message}`, {
      cause,
    })
  }
}
