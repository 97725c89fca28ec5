import { readFileSync } from 'node:fs'
import path from 'node:path'
import MagicString from 'magic-string'
import { contains, relativePath } from '../base/files/paths.ts'
import { isFile, withoutSymlinks } from '../base/files/stat.ts'
import { unquote } from '../base/python/url.ts'
import { type Finder, find } from '../finders/finders.ts'
import { cssReferences, hasCssReferences } from '../references/css.ts'
import { urlText } from '../references/form.ts'

/** What `/static/…` means in the sources that the bundler reads. */
export interface StaticUrls {
  readonly staticPath: string
  readonly finders: readonly Finder[]
}

/** Returns the source that a URL below the static URL names, with the URL's query and fragment. */
export function sourceOfUrl(url: string, { staticPath, finders }: StaticUrls): string | undefined {
  if (!url.startsWith(staticPath)) return undefined
  const [name, suffix] = splitSuffix(url.slice(staticPath.length))
  const source = find(finders, unquote(name))
  return source === undefined ? undefined : source + suffix
}

/**
 * Returns the source that an import in `vite dev` names. Vite 6 and 7 remove the base, which is the static URL, from
 * imports before plugins see them. Vite itself resolves a path that exists in its root.
 */
export function sourceOfImport(url: string, urls: StaticUrls, root: string): string | undefined {
  const source = sourceOfUrl(url, urls)
  if (source !== undefined || !/^\/(?!@)/u.test(url)) return source
  const [file] = splitSuffix(url)
  return isFile(path.join(root, file)) ? undefined : sourceOfUrl(urls.staticPath + url.slice(1), urls)
}

/** The files that Vite reads as modules, even from its public folder. */
const MODULE = /\.(?:[cm]?[jt]sx?|css|scss|sass|less|styl|stylus|pcss|postcss|sss)$/iu

/**
 * Returns the path by which Vite serves a file of its public folder, because Vite warns about the file's own path. Any other
 * source stays as it is.
 */
export function asPublic(source: string, publicDir: string | undefined): string {
  const [file, suffix] = splitSuffix(source)
  const isPublic = publicDir && contains(publicDir, file) && !MODULE.test(file)
  return isPublic ? `/${relativePath(publicDir, file)}${suffix}` : source
}

/** Splits a URL into its path, and its query and fragment. */
export function splitSuffix(url: string): [path: string, suffix: string] {
  const [, path = '', suffix = ''] = /^([^?#]*)(.*)$/su.exec(url) ?? []
  return [path, suffix]
}

/** Returns the real path of a source, with its query and fragment. */
export function realSource(source: string): string {
  const [file, suffix] = splitSuffix(source)
  return withoutSymlinks(file) + suffix
}

/** Returns the URL by which Vite finds the file of an absolute path. */
export function fileUrl(source: string): string {
  const [file, suffix] = splitSuffix(source)
  return encodeURI(file.replaceAll(path.sep, '/')) + suffix
}

/** Replaces each `url()` below the static URL that a finder has. It returns `undefined` if there is none. */
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

/** The part of a plugin's context that emits files. */
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
