// The floor of compressing: each distinct content of the sources once, one after the other, with zlib and nothing else.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import zlib from 'node:zlib'
import fastGlob from 'fast-glob'

const SKIPPED =
  /\.(?:jpe?g|png|gif|webp|zip|gz|tgz|bz2|tbz|xz|br|swf|flv|woff2?|3gpp?|asf|avi|m4v|mov|mp4|mpe?g|webm|wmv)$/iu
const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants

const seen = new Set()
for (const file of fastGlob.sync('apps/*/static/**', { dot: true })) {
  if (SKIPPED.test(file)) continue
  const bytes = readFileSync(file)
  const content = hash('md5', bytes)
  if (bytes.length === 0 || seen.has(content)) continue
  seen.add(content)
  const params = {
    [BROTLI_PARAM_QUALITY]: 11,
    [BROTLI_PARAM_LGWIN]: 22,
    [BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  const brotli = zlib.brotliCompressSync(bytes, { params })
  if (brotli.length <= 0.95 * bytes.length) zlib.gzipSync(bytes, { level: 9 })
}
