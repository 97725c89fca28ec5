import type { Transform } from 'node:stream'
import zlib from 'node:zlib'

/** The part of Node's zlib that Node 20 and its types lack. */
interface ZstdZlib {
  zstdCompress?: (
    bytes: Buffer,
    options: ZstdOptions,
    done: (error: Error | null, result: Buffer) => void,
  ) => void
  zstdCompressSync?: (bytes: Buffer, options: ZstdOptions) => Buffer
  createZstdCompress?: (options: ZstdOptions) => Transform
  constants: { ZSTD_c_compressionLevel: number }
}

/** Node's zlib; without these functions if Node has no zstd (before 22.15 and in 23.0 to 23.7). */
export const zstdZlib: ZstdZlib = zlib as unknown as ZstdZlib

export interface ZstdOptions {
  params: Record<number, number>
}
