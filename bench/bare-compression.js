// The floor of compressing: each distinct content of a static root that has no siblings yet, once, with zlib and nothing
// else, the largest first and two for each processor at the same time.
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { brotliOptions, distinctContents } from './levels.js'

const brotli = promisify(zlib.brotliCompress)
const gzip = promisify(zlib.gzip)

const contents = distinctContents(process.argv[2], '**/*').sort((a, b) => a.length - b.length)

async function lane() {
  for (let bytes = contents.pop(); bytes; bytes = contents.pop()) {
    const { length } = await brotli(bytes, brotliOptions(bytes, 11))
    if (length <= 0.95 * bytes.length) await gzip(bytes, { level: 9 })
  }
}

await Promise.all(Array.from({ length: 2 * availableParallelism() }, lane))
