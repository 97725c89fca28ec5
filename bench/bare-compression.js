// The floor of compressing: each distinct content of the sources once, one after the other, with zlib and nothing else.
import zlib from 'node:zlib'
import { brotli, distinctContents } from './levels.js'

for (const bytes of distinctContents('.')) {
  if (brotli(bytes, 11).length <= 0.95 * bytes.length) zlib.gzipSync(bytes, { level: 9 })
}
