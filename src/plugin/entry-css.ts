import { createHash } from 'node:crypto'
import path from 'node:path'
import { hashedName, splitExtension } from '../base/names.ts'
import type { Entry } from '../finders/entries.ts'
import type { OutputBundle, OutputChunk } from './output-bundle.ts'
import { withoutQuery } from './output-names.ts'

/** A stylesheet that loads all that an entry needs. */
export interface EntryStylesheet {
  /** `polls/app.css` for `polls/app.ts`. */
  readonly name: string
  readonly fileName: string
  readonly source: string
}

/**
 * The stylesheets of entries whose CSS is spread over several chunks. Vite puts CSS that entries share into a file of its
 * own, which no template names: the stylesheet of the entry imports it.
 */
export function entryStylesheets(
  output: OutputBundle,
  entries: readonly Entry[],
  hash: boolean,
): EntryStylesheet[] {
  const built = new Map(entries.map(entry => [entry.source, entry.builtName]))
  return Object.values(output).flatMap(chunk => {
    const builtName = chunk.type === 'chunk' ? built.get(withoutQuery(chunk.facadeModuleId ?? '')) : undefined
    if (chunk.type !== 'chunk' || builtName === undefined) return []
    const files = stylesheetsOf(chunk, output)
    const isSpread = files.some(file => !chunk.viteMetadata?.importedCss.has(file))
    return isSpread ? [importAll(`${splitExtension(builtName).stem}.css`, files, hash)] : []
  })
}

/** In the order of the cascade: what is imported comes first. */
function stylesheetsOf(chunk: OutputChunk, output: OutputBundle, seen = new Set<OutputChunk>()): string[] {
  if (seen.has(chunk)) return []
  seen.add(chunk)
  const imported = chunk.imports.flatMap(file => {
    const other = output[file]
    return other?.type === 'chunk' ? stylesheetsOf(other, output, seen) : []
  })
  return [...new Set([...imported, ...(chunk.viteMetadata?.importedCss ?? [])])]
}

function importAll(name: string, files: readonly string[], hash: boolean): EntryStylesheet {
  const relative = (file: string) => path.posix.relative(path.posix.dirname(name), file)
  const source = files.map(file => `@import url("${relative(file)}");\n`).join('')
  // Without hashes the entry's own CSS has the plain name already.
  const fileName = hash
    ? hashedName(name, createHash('md5').update(source).digest('hex'))
    : `${name.slice(0, -4)}.all.css`
  return { name, fileName, source }
}
