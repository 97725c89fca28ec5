import { readFileSync } from 'node:fs'
import path from 'node:path'
import MagicString from 'magic-string'
import { contains, relativePath } from '../base/files/paths.ts'
import { realPath } from '../base/files/real-path.ts'
import { isFile } from '../base/files/stat.ts'
import { unquote } from '../base/python/url.ts'
import { type Finder, find } from '../finders/finders.ts'
import { cssReferences, hasCssReferences } from '../references/css.ts'
import { urlText } from '../references/form.ts'

/** Where `/static/…` in sources that the bundler reads leads. */
export interface StaticUrls {
  readonly staticPath: string
  readonly finders: readonly Finder[]
}

/** The file that a URL below the static URL names, with the URL's query and fragment behind it. */
export function sourceOfUrl(url: string, { staticPath, finders }: StaticUrls): string | undefined {
  if (!url.startsWith(staticPath)) return undefined
  const [name, suffix] = splitSuffix(url.slice(staticPath.length))
  const source = find(finders, unquote(name))
  return source === undefined ? undefined : source + suffix
}

/**
 * The file that an import in `vite dev` names. Vite 6 and 7 take the base, which is the static URL, away from imports
 * before plugins see them; what lies at such a path in Vite's root is left to Vite.
 */
export function sourceOfImport(url: string, urls: StaticUrls, root: string): string | undefined {
  const source = sourceOfUrl(url, urls)
  if (source !== undefined || !/^\/(?!@)/u.test(url)) return source
  const [file] = splitSuffix(url)
  return isFile(path.join(root, file)) ? undefined : sourceOfUrl(urls.staticPath + url.slice(1), urls)
}

/** What Vite reads as a module, from its public folder too. */
const MODULE = /\.(?:[cm]?[jt]sx?|css|scss|sass|less|styl|stylus|pcss|postcss|sss)$/iu

/**
 * Returns the path by which Vite knows a file of its public folder, which it serves below its base; Vite warns of the
 * file's own path. Any other source stays what it is.
 */
export function asPublic(source: string, publicDir: string | undefined): string {
  const [file, suffix] = splitSuffix(source)
  const isPublic = publicDir && contains(publicDir, file) && !MODULE.test(file)
  return isPublic ? `/${relativePath(publicDir, file)}${suffix}` : source
}

/** A path, and the query and fragment behind it. */
export function splitSuffix(url: string): [path: string, suffix: string] {
  const [, path = '', suffix = ''] = /^([^?#]*)(.*)$/su.exec(url) ?? []
  return [path, suffix]
}

/** Returns a source by its real path. */
export function realSource(source: string): string {
  const [file, suffix] = splitSuffix(source)
  return realPath(file) + suffix
}

/** The URL under which Vite finds a file by its absolute path. */
export function fileUrl(source: string): string {
  const [file, suffix] = splitSuffix(source)
  return encodeURI(file.replaceAll(path.sep, '/')) + suffix
}

/** Replaces each `url()` below the static URL that a finder has; `undefined` where there is none. */
export function replaceStaticUrls(
  code: string,
  urls: StaticUrls,
  replacement: (source: string) => string,
): { code: string; map: ReturnType<MagicString['generateMap']> } | undefined {
  if (!code.includes(urls.staticPath) || !hasCssReferences(code)) return undefined
  const output = new MagicString(code)
  for (const reference of cssReferences(code)) {
    const { url, start, end } = reference
    const source = sourceOfUrl(url, urls)
    if (source !== undefined) output.update(start, end, urlText(reference, replacement(source)))
  }
  return output.hasChanged()
    ? { code: output.toString(), map: output.generateMap({ hires: 'boundary' }) }
    : undefined
}

/** What a plugin context offers for emitting a file. */
interface Emitter {
  emitFile(file: { type: 'asset'; name: string; originalFileName: string; source: Uint8Array }): string
}

/**
 * Emits a source as Vite's own asset plugin does and returns its placeholder, which Vite replaces by a URL relative to
 * the stylesheet. It is needed for stylesheets that come in by `@import` or `@use`: no plugin sees their source.
 */
export function emitSource(context: Emitter, source: string, root: string): string {
  const [file, suffix] = splitSuffix(source)
  const reference = context.emitFile({
    type: 'asset',
    name: path.basename(file),
    originalFileName: relativePath(root, file),
    source: readFileSync(file),
  })
  return `__VITE_ASSET__${reference}__${suffix ? `$_${suffix}__` : ''}`
}
