import { mkdtempSync, realpathSync } from 'node:fs'
import { symlink as makeLink, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A symbolic link in a {@link Tree}; its target is relative to the folder that holds it. */
export interface Link {
  readonly target: string
}

/** Paths with the text of each file; a path that ends in a slash is an empty folder. */
export type Tree = Readonly<Record<string, string | Link>>

export function symlink(target: string): Link {
  return { target }
}

/** Writes files into a new folder, which goes when the test ends. */
export async function tree(files: Tree): Promise<string> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'tree-')))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await addTo(root, files)
  return root
}

/** Writes more files into a folder. */
export async function addTo(root: string, files: Tree): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name)
    await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true })
    if (typeof content !== 'string') await makeLink(content.target, file)
    else if (!name.endsWith('/')) await writeFile(file, content)
  }
}
