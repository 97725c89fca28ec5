import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '../..')
const PINNED = path.join(ROOT, 'test/vendor')
const CACHE = path.join(ROOT, '.cache/vendor')

/** Installs the pinned packages unless they are there, and lists each with its folder. */
export function vendorPackages(): [name: string, folder: string][] {
  const files = ['package.json', 'package-lock.json'].map(file => path.join(PINNED, file))
  const stamp = files
    .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
    .digest('hex')
  if (installedStamp() !== stamp) install(files, stamp)
  const { dependencies } = JSON.parse(readFileSync(files[0]!, 'utf8'))
  return Object.keys(dependencies).map(name => [name, path.join(CACHE, 'node_modules', name)])
}

const STAMP = path.join(CACHE, 'stamp.txt')

function installedStamp(): string | undefined {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined
}

function install(files: readonly string[], stamp: string): void {
  rmSync(STAMP, { force: true })
  mkdirSync(CACHE, { recursive: true })
  for (const file of files) copyFileSync(file, path.join(CACHE, path.basename(file)))
  const command = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  execFileSync('npm', command, { cwd: CACHE, stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(STAMP, stamp)
}
