import type { Targets } from 'lightningcss'
import MagicString from 'magic-string'
import { urlText } from '../references/form.ts'
import { type LightningResult, lightningcssVersion, lightningTemplate } from '../references/lightning.ts'
import { type Text, textOf } from '../references/parse.ts'
import type { Reference } from '../references/reference.ts'
import type { RewritableFile, Rewriting } from './analysed-file.ts'

/** A file, and what its references become. */
export interface Rendering {
  readonly file: RewritableFile
  /** The new URL of each reference; `undefined` leaves it as it is. */
  readonly urls: readonly (string | undefined)[]
  /** The browsers that lightningcss writes for. */
  readonly targets: Targets | undefined
}

/** What a file was rendered to. */
export interface Rendered {
  readonly bytes: Buffer
  /** Why a stylesheet is not minified, with its path and line first. */
  readonly problem?: string
}

/** A file that was rendered, with the facts of its bytes. */
export interface Rewritten extends Rendering, Omit<Rendered, 'bytes'> {
  /** MD5 of the bytes, in hex. */
  readonly hash: string
  /** In bytes. */
  readonly size: number
  /** Missing if there was no room to keep them; then they are rendered again when they are needed. */
  readonly bytes?: Buffer
}

/** Returns the bytes of a rendered file; renders them again if they are not in memory. */
export function bytesOf(rewritten: Rewritten): Buffer {
  return rewritten.bytes ?? render(rewritten).bytes
}

/** Returns all that the bytes of a rendered file and its problem depend on. */
export function partsOf({ file: { source, hash, rewriting }, urls, targets }: Rendering): unknown[] {
  const { references, dropped, minified } = rewriting
  const edits = references.map(({ reference }, index) => [reference, urls[index]])
  return [
    hash,
    edits,
    dropped.map(({ start }) => start),
    minified && [source, minified.length, minifier(), targets],
  ]
}

let version: string | undefined

function minifier(): string {
  version ??= lightningcssVersion()
  return `lightningcss ${version}`
}

/**
 * Renders a file with its new references, and minifies a stylesheet if lightningcss loses nothing of it.
 * @param text the text of the file
 * @throws StaticFilesError if the file has changed since it was parsed
 */
export function render({ file, urls, targets }: Rendering, text: Text = textOf(file)): Rendered {
  const { source, rewriting } = file
  const result = rewriting.minified && minify(source, text, rewriting.minified, targets)
  if (result && 'render' in result) {
    const byUrl = new Map(rewriting.references.map(({ reference }, index) => [reference.url, urls[index]]))
    return { bytes: Buffer.from(result.render(url => byUrl.get(url) ?? url)) }
  }
  const bytes = renderReferences(rewriting, text, urls)
  return result && 'problem' in result ? { bytes, problem: result.problem } : { bytes }
}

function minify(
  name: string,
  { text, encoding }: Text,
  references: readonly Reference[],
  targets: Targets | undefined,
): LightningResult {
  if (encoding !== 'utf8') return { problem: `${name}: it is not UTF-8` }
  return lightningTemplate({ name, code: text, references, targets })
}

/** Changes nothing but the references. */
function renderReferences(
  { references, dropped }: Rewriting,
  { text, encoding }: Text,
  urls: Rendering['urls'],
): Buffer {
  const output = new MagicString(text)
  for (const { start, end } of dropped) output.remove(start, end)
  for (const [index, { reference }] of references.entries()) {
    const url = urls[index]
    if (url !== undefined) output.update(reference.start, reference.end, urlText(reference, url))
  }
  return Buffer.from(output.toString(), encoding)
}
