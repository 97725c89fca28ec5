import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { makeFolder } from '../base/files/make-folder.ts'
import { isFolder } from '../base/files/stat.ts'
import { INDEX, writeIndexFile } from './index/index-file.ts'
import { readManifest } from './manifest/manifest-file.ts'

/** Files that only keep an empty folder in a repository, or that a file manager leaves. */
const KEEPERS = new Set(['.gitkeep', '.gitignore', '.keep', '.DS_Store'])

/**
 * Tells whether a folder without a ledger holds files, and nothing shows that a build or `collectstatic` has filled it.
 * @param manifest absolute, or a path in the folder
 */
export function isForeign(folder: string, manifest: string): boolean {
  if (!isFolder(folder) || readdirSync(folder).every(name => KEEPERS.has(name))) return false
  return !existsSync(path.join(folder, INDEX)) && !isManifest(path.resolve(folder, manifest))
}

/**
 * Leaves an empty index in a folder that a build is about to fill, so that the next one knows the folder even if this one
 * breaks off.
 */
export function markAsFilled(folder: string, manifest: string, mode: number | undefined): void {
  if (existsSync(path.join(folder, INDEX)) || isForeign(folder, manifest)) return
  try {
    makeFolder(folder, mode)
    writeIndexFile(folder, { manifestHash: '', contents: [] })
  } catch {
    // The build cannot write either, and says so.
  }
}

function isManifest(file: string): boolean {
  try {
    readManifest(file)
    return true
  } catch {
    return false
  }
}
