import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { contentType } from '../../../server/content-type.ts'
import { isNotModified, requestedRange, type Validators } from '../../../server/http.ts'

/** The size up to which files are read at once, which is faster than a stream, in bytes. */
const READ_AT_ONCE = 128 * 1024

/**
 * Responds to a GET or HEAD request with a file: `Last-Modified`, a weak ETag, 304, and single ranges.
 * @returns whether there was a file; otherwise nothing has been sent
 */
export function sendFile(req: IncomingMessage, res: ServerResponse, source: string, name: string): boolean {
  const file = openFile(source)
  if (file === undefined) return false
  const { descriptor, stats } = file
  const validators = validatorsOf(stats)
  setHeaders(res, name, validators)
  if (isNotModified(req.headers, validators)) {
    closeSync(descriptor)
    res.writeHead(304).end()
  } else sendBody(req, res, file, validators)
  return true
}

interface OpenFile {
  readonly descriptor: number
  readonly stats: Stats
}

function openFile(source: string): OpenFile | undefined {
  try {
    const descriptor = openSync(source, 'r')
    return { descriptor, stats: fstatSync(descriptor) }
  } catch {
    return undefined
  }
}

/** Returns the validators of a file. The ETag is weak, because equal times and sizes do not prove equal bytes. */
function validatorsOf({ size, mtime, mtimeMs }: Stats): Validators {
  return {
    etag: `W/"${size.toString(16)}-${Math.floor(mtimeMs * 1000).toString(16)}"`,
    lastModified: mtime.toUTCString(),
  }
}

function setHeaders(res: ServerResponse, name: string, { etag, lastModified }: Validators): void {
  res.setHeader('Content-Type', contentType(name))
  res.setHeader('Cache-Control', 'no-cache')
  res.setHeader('Last-Modified', lastModified)
  res.setHeader('ETag', etag)
  res.setHeader('Accept-Ranges', 'bytes')
}

function sendBody(req: IncomingMessage, res: ServerResponse, file: OpenFile, validators: Validators): void {
  const { size } = file.stats
  const range = req.method === 'GET' ? requestedRange(req.headers, size, validators) : undefined
  if (range === 'unsatisfiable') {
    closeSync(file.descriptor)
    res.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }).end()
    return
  }
  const { start, end } = range ?? { start: 0, end: size - 1 }
  res.statusCode = range ? 206 : 200
  if (range) res.setHeader('Content-Range', `bytes ${start}-${end}/${size}`)
  const length = end - start + 1
  res.setHeader('Content-Length', length)
  if (req.method === 'HEAD' || length === 0) {
    closeSync(file.descriptor)
    res.end()
  } else if (length <= READ_AT_ONCE) sendAtOnce(res, file.descriptor, start, length)
  else stream(res, file.descriptor, start, end)
}

function sendAtOnce(res: ServerResponse, descriptor: number, start: number, length: number): void {
  const bytes = Buffer.allocUnsafe(length)
  const read = readSync(descriptor, bytes, 0, length, start)
  closeSync(descriptor)
  // If the file has shrunk meanwhile, it has fewer bytes than the header says, and the client must notice.
  if (read === length) res.end(bytes)
  else res.destroy()
}

/** Streams a part of a file. The stream closes the descriptor, even if the client disconnects. */
function stream(res: ServerResponse, fd: number, start: number, end: number): void {
  const content = createReadStream('', { fd, start, end })
  content.on('error', () => res.destroy())
  res.on('close', () => content.destroy())
  content.pipe(res)
}
