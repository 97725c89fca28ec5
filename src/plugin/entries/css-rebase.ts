import path from 'node:path'
import MagicString from 'magic-string'
import { cssReferences, hasCssReferences } from '../../references/css.ts'
import { urlText } from '../../references/form.ts'

/** Returns CSS with its relative URLs changed from the folder `from` to the folder `to`. */
export function rebase(css: string, from: string, to: string): string {
  if (from === to || !hasCssReferences(css)) return css
  const output = new MagicString(css)
  for (const reference of cssReferences(css)) {
    if (/^(?:[a-z][a-z\d+.-]*:|[/#])/iu.test(reference.url)) continue
    const [, file = '', suffix = ''] = /^([^?#]*)(.*)$/su.exec(reference.url) ?? []
    const url = path.posix.relative(to, path.posix.join(from, file)) + suffix
    output.update(reference.start, reference.end, urlText(reference, url))
  }
  return output.toString()
}
