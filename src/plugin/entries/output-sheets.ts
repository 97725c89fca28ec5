import path from 'node:path'
import { StaticFilesError } from '../../base/errors.ts'
import type { OutputAsset, OutputBundle } from '../output-bundle.ts'
import type { Layout } from './css-layout.ts'
import { cutSheet, hasMark, withoutMarks } from './css-marks.ts'
import { STYLESHEET_MODULE } from './entry-table.ts'
import type { StylesContext } from './styles-context.ts'

/**
 * Returns the stylesheets of the output that hold CSS of modules.
 * @throws StaticFilesError if a mark has been changed, because the CSS of its module would get lost
 */
export function markedSheets(output: OutputBundle): Map<string, string> {
  const sheets = new Map<string, string>()
  for (const [file, asset] of Object.entries(output)) {
    if (asset.type !== 'asset' || path.posix.extname(file) !== '.css') continue
    const text = textOf(asset)
    const { pieces, rest } = cutSheet(text)
    if ([rest, ...pieces.map(({ rules }) => rules)].some(hasMark)) throw changedMarkError(file)
    if (pieces.length > 0) sheets.set(file, text)
  }
  return sheets
}

function changedMarkError(file: string): StaticFilesError {
  return new StaticFilesError(
    `the CSS of modules in ${file} cannot be told apart any more: another plugin has changed the rules ` +
      '`staticfiles-k… { --staticfiles: … }` that this plugin puts behind the CSS of each module\n' +
      'Put staticfiles() behind that plugin in `plugins`',
  )
}

/** Returns the text of an asset. */
function textOf({ source }: OutputAsset): string {
  return typeof source === 'string' ? source : Buffer.from(source).toString()
}

/** Puts the texts of a layout into the output, without marks. */
export function apply({ texts, gone }: Layout, output: OutputBundle, context: StylesContext): void {
  for (const file of gone.keys()) if (!texts.has(file)) delete output[file]
  for (const file of Object.values(output)) {
    if (file.type === 'chunk') {
      const code = withoutMarks(file.code)
      if (code !== file.code) file.code = code
    } else if (typeof file.source === 'string') {
      const source = withoutMarks(file.source)
      if (source !== file.source) file.source = source
    }
  }
  for (const [fileName, source] of texts) {
    const known = output[fileName]
    if (known?.type === 'asset') known.source = source
    else context.emitFile({ type: 'asset', fileName, source })
  }
}

/** Removes the scripts that only import a stylesheet entry. */
export function removeWrappers(output: OutputBundle): void {
  for (const [file, chunk] of Object.entries(output)) {
    if (chunk.type !== 'chunk' || !chunk.facadeModuleId?.includes(STYLESHEET_MODULE)) continue
    delete output[file]
    delete output[`${file}.map`]
  }
}
