import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Reads what the manifest of a static root says. */
export function manifestOf(staticRoot: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(staticRoot, 'staticfiles.json'), 'utf8')).paths
}

/** Reads the file that a key of the manifest leads to. */
export function textOf(staticRoot: string, name: string): string {
  const file = manifestOf(staticRoot)[name]?.replace(/\?v=.*/, '')
  if (file === undefined) throw new Error(`${name} is not a key of the manifest`)
  return readFileSync(path.join(staticRoot, file), 'utf8')
}

/** Reads the stylesheet of a key as a browser does: each `@import` comes first, and is the text of its file. */
export function sheetOf(staticRoot: string, name: string): string {
  const file = manifestOf(staticRoot)[name]?.replace(/\?v=.*/, '')
  if (file === undefined) throw new Error(`${name} is not a key of the manifest`)
  return flatten(staticRoot, file)
}

function flatten(staticRoot: string, file: string): string {
  const css = readFileSync(path.join(staticRoot, file), 'utf8')
  return css.replace(/@import\s*(?:url\()?\s*"([^"]+)"\)?\s*;/g, (rule, url) => {
    if (/^[a-z]+:/i.test(url)) return rule
    return flatten(staticRoot, path.posix.join(path.posix.dirname(file), decodeURI(url)))
  })
}

/** The names of classes in the order in which a stylesheet has their rules. */
export function classesOf(css: string): string[] {
  return [...css.matchAll(/\.([a-z_][\w-]*)\s*\{/gi)].map(([, name]) => name!)
}

/** The keys of the manifest that lead to no file. */
export function brokenKeys(staticRoot: string): string[] {
  const keys = Object.entries(manifestOf(staticRoot))
  return keys
    .filter(([, file]) => !existsSync(path.join(staticRoot, file.replace(/\?v=.*/, ''))))
    .map(([name]) => name)
}

/**
 * The hashed names that WhiteNoise would not take for immutable.
 * @see https://github.com/evansd/whitenoise/blob/main/src/whitenoise/middleware.py
 */
export function mutableNames(staticRoot: string, files: readonly string[]): string[] {
  const paths = manifestOf(staticRoot)
  const hashed = files.filter(file => /\.[0-9a-f]{12}\./.test(file) && !/\.(?:gz|br|zst)$/.test(file))
  return hashed.filter(file => {
    const { dir, name, ext } = path.posix.parse(file)
    return paths[path.posix.join(dir, path.posix.parse(name).name + ext)] !== file
  })
}
