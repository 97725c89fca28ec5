import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Targets, TransformResult, Warning } from 'lightningcss'
import { positionOf } from '../base/text/position.ts'
import { cssReferences, cssString } from './css.ts'
import { type Drop, type DropCheck, dropCheck } from './lightning-drops.ts'
import type { Reference } from './reference.ts'

const require = createRequire(import.meta.url)

/** Takes long to load, and only stylesheets that are minified need it. */
function loadLightningcss(): typeof import('lightningcss') {
  return require('lightningcss')
}

/** The version of lightningcss, which is not loaded for it. */
export function lightningcssVersion(): string {
  const folder = path.dirname(require.resolve('lightningcss'))
  return JSON.parse(readFileSync(path.join(folder, '../package.json'), 'utf8')).version
}

/** A stylesheet for lightningcss. */
export interface LightningOptions {
  /** What problems call this file. */
  readonly name: string
  readonly code: string | Uint8Array
  /** The references that `cssReferences` finds in `code`. */
  readonly references: readonly Reference[]
  /** The browsers to support; without them, lightningcss converts nothing to older syntax. */
  readonly targets?: Targets | undefined
}

/** A minified stylesheet with a slot for each URL. */
export interface LightningTemplate {
  /**
   * Returns the stylesheet with its URLs.
   * @param urlOf returns the replacement of each URL, including `data:` and external ones
   */
  render(urlOf: (url: string) => string): string
}

/**
 * A template, or the reason why the file is better kept unminified: `problem` is worth a report and starts with
 * `name:line:column`, `preserve` is not.
 */
export type LightningResult = LightningTemplate | { readonly problem: string } | { readonly preserve: string }

/**
 * Minifies a stylesheet with lightningcss, once per file: the URLs are filled in later, when the hashes of the files
 * that they name are known. If lightningcss would change the meaning of the stylesheet or miss one of its references,
 * there is no template.
 */
export function lightningTemplate(options: LightningOptions): LightningResult {
  const { name, references } = options
  if (references.some(({ kind }) => kind === 'source-map'))
    return { preserve: 'its source map would not fit' }
  try {
    return minify(options)
  } catch (error) {
    return { problem: `${name}${describeError(error as LightningError)}` }
  }
}

/** An error that lightningcss throws. */
type LightningError = Error & { loc?: Place }

interface Place {
  readonly line: number
  readonly column: number
}

/** Says why a stylesheet cannot be minified; it has the shape of lightningcss's own errors. */
class CannotMinify extends Error {
  readonly loc: Place | undefined

  constructor(message: string, loc: Place | undefined) {
    super(message)
    this.loc = loc
  }
}

function describeError({ loc, message }: LightningError): string {
  return `${loc ? `:${loc.line}:${loc.column}` : ''}: ${message}`
}

function minify({ name, code, references, targets }: LightningOptions): LightningTemplate {
  const text = typeof code === 'string' ? code : decode(code)
  // lightningcss reads a byte order mark as a part of the first selector.
  const css = text.replace(/^\uFEFF/, '')
  const check = dropCheck(css)
  const result = loadLightningcss().transform({
    filename: name,
    code: Buffer.from(css),
    minify: true,
    errorRecovery: true,
    analyzeDependencies: { preserveImports: true },
    ...(targets && { targets }),
    ...(check && { visitor: check.visitor }),
  })
  checkWarnings(result.warnings)
  checkDrops(check, css)
  const urls = placeholders(result, references)
  const printed = Buffer.from(result.code).toString()
  return templateOf(encodingMark(text, printed) + printed, urls, url => positionOfUrl(text, references, url))
}

function decode(code: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(code)
  } catch {
    throw new CannotMinify('it is not UTF-8', undefined)
  }
}

/** Returns the BOM or `@charset` if it is needed. lightningcss drops it, and then a browser may use the encoding of the page. */
function encodingMark(text: string, printed: string): string {
  if (!/[^\0-\x7f]/.test(printed)) return ''
  return /^(?:\uFEFF|@charset "utf-8";)/i.exec(text)?.[0] ?? ''
}

function checkWarnings(warnings: readonly Warning[]): void {
  const [first, ...others] = warnings
  if (!first) return
  throw new CannotMinify(first.message + (others.length > 0 ? ` (and ${others.length} more)` : ''), first.loc)
}

function checkDrops(check: DropCheck | undefined, css: string): void {
  const drop: Drop | undefined = check?.firstDrop()
  if (drop) throw new CannotMinify(drop.message, positionOf(css, drop.offset))
}

/** Maps each placeholder to its URL. */
function placeholders(
  { dependencies }: TransformResult,
  references: readonly Reference[],
): Map<string, string> {
  const rewritten = new Set(references.map(({ url }) => url))
  const urls = new Map<string, string>()
  for (const dependency of dependencies ?? []) {
    if (dependency.type !== 'url' && dependency.type !== 'import') continue
    const url = dependency.url.trim()
    if (url !== '' && !/^data:/i.test(url) && !rewritten.has(url)) {
      throw new CannotMinify(`${url} is not a reference that can be rewritten`, dependency.loc.start)
    }
    if ((urls.get(dependency.placeholder) ?? url) !== url) {
      throw new CannotMinify(`lightningcss confuses ${url} with another URL`, dependency.loc.start)
    }
    urls.set(dependency.placeholder, url)
  }
  return urls
}

function positionOfUrl(text: string, references: readonly Reference[], url: string): Place | undefined {
  // lightningcss may miss strings, so of two references to the same URL the string is the likelier one.
  const same = references.filter(reference => reference.url === url)
  const found = same.find(({ kind }) => kind === 'string') ?? same[0]
  return found && positionOf(text, found.start)
}

/** Cuts the printed stylesheet at its placeholders. lightningcss prints each in double quotes, `url()` included. */
function templateOf(
  printed: string,
  urls: ReadonlyMap<string, string>,
  placeOf: (url: string) => Place | undefined,
): LightningTemplate {
  const literals: string[] = []
  const slots: string[] = []
  let end = 0
  for (const reference of cssReferences(printed)) {
    const url = urls.get(reference.url)
    if (url === undefined)
      throw new CannotMinify(`lightningcss misses ${reference.url}`, placeOf(reference.url))
    const start = quotedIndex(printed, reference)
    literals.push(printed.slice(end, start))
    slots.push(url)
    end = start + reference.url.length + 2
  }
  literals.push(printed.slice(end))
  for (const literal of literals) checkPlaceholders(literal, urls, placeOf)
  return { render: urlOf => render(literals, slots, urlOf) }
}

function quotedIndex(printed: string, { url, start, end }: Reference): number {
  const index = printed.indexOf(`"${url}"`, start)
  if (index < 0 || index >= end)
    throw new CannotMinify('lightningcss prints a URL in an unknown way', undefined)
  return index
}

/** Throws if a placeholder is not a reference of the printed stylesheet, and so would stay in it. */
function checkPlaceholders(
  literal: string,
  urls: ReadonlyMap<string, string>,
  placeOf: (url: string) => Place | undefined,
): void {
  for (const [, word] of literal.matchAll(/"([\w-]+)(?=")/g)) {
    const url = urls.get(word!)
    if (url !== undefined) throw new CannotMinify(`${url} cannot be told from other text`, placeOf(url))
  }
}

function render(
  literals: readonly string[],
  slots: readonly string[],
  urlOf: (url: string) => string,
): string {
  let code = literals[0]!
  for (const [index, url] of slots.entries()) code += cssString(urlOf(url)) + literals[index + 1]!
  return code
}
