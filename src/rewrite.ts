import MagicString from 'magic-string'
import type { Text } from './parse.ts'
import { written } from './references/form.ts'
import type { LightningTemplate } from './references/lightning.ts'
import type { Reference } from './references/reference.ts'
import type { ResolvedReference } from './references/resolve.ts'

/** A file whose references are written anew. */
export interface Rewriting {
  /** Those that name a file of the build. */
  readonly references: readonly ResolvedReference[]
  /** The text that holds them; it may have to be read again. */
  source(): string
  /**
   * The bytes of the file with new references.
   * @param urlOf the URL that a reference gets; `undefined` leaves it as it is
   */
  render(urlOf: (reference: ResolvedReference) => string | undefined): Buffer
}

/** Changes nothing but the references; `dropped` ones vanish. */
export function splicing(
  text: () => Text,
  references: readonly ResolvedReference[],
  dropped: readonly Reference[],
): Rewriting {
  return {
    references,
    source: () => text().source,
    render(urlOf) {
      const { source, encoding } = text()
      const output = new MagicString(source)
      for (const { start, end } of dropped) output.remove(start, end)
      for (const resolved of references) {
        const url = urlOf(resolved)
        const { start, end } = resolved.reference
        if (url !== undefined) output.update(start, end, written(resolved.reference, url))
      }
      return Buffer.from(output.toString(), encoding)
    },
  }
}

/** Fills the places that lightningcss left. */
export function filling(
  template: () => LightningTemplate,
  text: () => Text,
  references: readonly ResolvedReference[],
): Rewriting {
  const byUrl = new Map(references.map(resolved => [resolved.reference.url, resolved]))
  return {
    references,
    source: () => text().source,
    render(urlOf) {
      const code = template().render(url => {
        const resolved = byUrl.get(url)
        return (resolved && urlOf(resolved)) ?? url
      })
      return Buffer.from(code)
    },
  }
}
