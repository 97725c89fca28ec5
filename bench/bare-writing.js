// The floor of filling a static root from a full cache: what is in a finished one, made again in an empty folder with as few calls as
// there can be, by a thread a processor. Sources and siblings are copied, further names are linked, and nothing is decided or checked.
import { copyFileSync, linkSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

if (isMainThread) {
  const [from, to] = [process.argv[2], process.env.STATIC_ROOT]
  const files = makeFolders(from, to)
  const threads = availableParallelism()
  for (let thread = 1; thread < threads; thread++)
    new Worker(import.meta.filename, { workerData: { from, to, files: share(files, thread, threads) } })
  write(from, to, share(files, 0, threads))
} else write(workerData.from, workerData.to, workerData.files)

/** Makes the folders, and lists the files as names of the same inode. */
function makeFolders(from, to) {
  const byInode = new Map()
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const name = path.relative(from, path.join(entry.parentPath, entry.name))
    if (entry.isDirectory()) mkdirSync(path.join(to, name), { recursive: true })
    else {
      const { ino } = statSync(path.join(from, name))
      byInode.set(ino, [...(byInode.get(ino) ?? []), name])
    }
  }
  return [...byInode.values()]
}

function share(files, thread, threads) {
  return files.filter((_, index) => index % threads === thread)
}

function write(from, to, files) {
  for (const [first, ...others] of files) {
    copyFileSync(path.join(from, first), path.join(to, first))
    for (const other of others) linkSync(path.join(to, first), path.join(to, other))
  }
}
