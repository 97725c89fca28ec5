// What each level saves and takes: every distinct content of a project once, in one thread.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import fastGlob from 'fast-glob'

/** What WhiteNoise does not compress. */
export const SKIPPED =
  /\.(?:jpe?g|png|gif|webp|zip|gz|tgz|bz2|tbz|xz|br|swf|flv|woff2?|3gpp?|asf|avi|m4v|mov|mp4|mpe?g|webm|wmv)$/iu

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT, ZSTD_c_compressionLevel } =
  zlib.constants

export function brotliOptions(bytes, level) {
  const params = {
    [BROTLI_PARAM_QUALITY]: level,
    [BROTLI_PARAM_LGWIN]: 22,
    [BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  return { params }
}

const ENCODINGS = {
  gzip: {
    levels: [1, 4, 6, 7, 8, 9],
    compress: (bytes, level) => zlib.gzipSync(bytes, { level, memLevel: 7 }),
  },
  brotli: {
    levels: [1, 3, 4, 5, 6, 8, 9, 10, 11],
    compress: (bytes, level) => zlib.brotliCompressSync(bytes, brotliOptions(bytes, level)),
  },
  ...(zlib.zstdCompressSync && {
    zstd: {
      levels: [1, 3, 6, 9, 12, 15, 19],
      compress: (bytes, level) =>
        zlib.zstdCompressSync(bytes, { params: { [ZSTD_c_compressionLevel]: level } }),
    },
  }),
}

/** A table of bytes and of seconds of one processor. */
export function levelsTable(project) {
  const contents = distinctContents(project, 'apps/*/static/**')
  const total = contents.reduce((sum, { length }) => sum + length, 0)
  const lines = Object.entries(ENCODINGS).flatMap(([name, { levels, compress }]) =>
    levels.map(level => {
      const before = process.cpuUsage()
      const bytes = contents.reduce((sum, content) => sum + compress(content, level).length, 0)
      const { user, system } = process.cpuUsage(before)
      const seconds = ((user + system) / 1e6).toFixed(2)
      return `| ${name} ${level} | ${bytes.toLocaleString('en')} | ${((100 * bytes) / total).toFixed(1)} % | ${seconds} s |`
    }),
  )
  const head = `| ${contents.length.toLocaleString('en')} contents, ${total.toLocaleString('en')} bytes | bytes | of that | one processor |`
  return [head, '| --- | ---: | ---: | ---: |', ...lines].join('\n')
}

/** The contents below a folder that are worth compressing, each once. */
export function distinctContents(folder, files) {
  const contents = new Map()
  for (const file of fastGlob.sync(files, { cwd: folder, dot: true })) {
    const bytes = SKIPPED.test(file) ? Buffer.alloc(0) : readFileSync(path.join(folder, file))
    if (bytes.length > 0) contents.set(hash('md5', bytes), bytes)
  }
  return [...contents.values()]
}
