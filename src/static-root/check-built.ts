import { readFileSync } from 'node:fs'
import path from 'node:path'
import { filesBelow } from '../base/files/files-below.ts'
import { isFile } from '../base/files/stat.ts'
import { type Position, positionOf } from '../base/text/position.ts'
import { cssReferences } from '../references/css.ts'
import { jsReferences } from '../references/js.ts'
import type { Reference } from '../references/reference.ts'
import { resolveReference } from '../references/resolve.ts'

/** A reference in a file of a static root to a file that is not there. */
export interface BrokenReference extends Position {
  /** The file's name below the static root. */
  readonly file: string
  readonly url: string
}

/** Returns the keys of a manifest that lead to no file. */
export function brokenKeys(staticRoot: string, paths: ReadonlyMap<string, string>): string[] {
  return [...paths].filter(([, file]) => !isFile(path.join(staticRoot, file))).map(([name]) => name)
}

/** Returns the pages in a static root, as Vite makes them of its own inputs. */
export function pagesIn(staticRoot: string): string[] {
  return [...filesBelow(staticRoot)].map(file => path.relative(staticRoot, file)).filter(isPage)
}

/**
 * Returns the references of stylesheets, scripts and pages to files that are not there.
 * @param files the names of the files below the static root
 * @param staticPath the path of the static URL: `/static/`
 */
export function brokenReferences(
  staticRoot: string,
  files: Iterable<string>,
  staticPath: string,
): BrokenReference[] {
  const isThere = (file: string) => isFile(path.join(staticRoot, file))
  const texts = [...new Set(files)].filter(file => /\.(?:css|m?js|html?)$/iu.test(file) && isThere(file))
  return texts.sort().flatMap(file => {
    const text = readFileSync(path.join(staticRoot, file), 'utf8')
    return referencesOf(file, text).flatMap(reference => {
      const name = resolveReference(reference, file, staticPath)?.name
      if (name === undefined || isThere(name)) return []
      return [{ file, url: reference.url, ...positionOf(text, reference.start) }]
    })
  })
}

/** Whether a file is a page. */
export function isPage(file: string): boolean {
  return /\.html?$/iu.test(file)
}

function referencesOf(file: string, text: string): Reference[] {
  if (file.endsWith('.css')) return cssReferences(text)
  if (isPage(file)) return matches(text, /\b(?:src|href)\s*=\s*(["'])(?!#)([^"']+)\1/giu, 2)
  // Packages are imported by their names, which no static root has.
  const own = jsReferences(text, true).references.filter(
    ({ kind, url }) => kind !== 'module' || /^\.{0,2}\//u.test(url),
  )
  return [...own, ...preloads(text)]
}

/** Returns what Vite loads with chunks that come later. */
function preloads(text: string): Reference[] {
  const list = /__vite__mapDeps=.*?\(m\.f=\[([^\]]*)\]\)/u.exec(text)
  if (list === null) return []
  return matches(list[1]!, /(["'`])(\.[^"'`]*)\1/gu, 2).map(each => ({ ...each, start: list.index }))
}

function matches(text: string, pattern: RegExp, group: number): Reference[] {
  return [...text.matchAll(pattern)].map(match => ({
    kind: 'url',
    form: { escapes: 'none' },
    url: match[group]!,
    start: match.index,
    end: match.index + match[0].length,
  }))
}
