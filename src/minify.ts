import type { Targets } from 'lightningcss'
import type { Text } from './parse.ts'
import { type LightningResult, lightningTemplate } from './references/lightning.ts'
import type { Reference } from './references/reference.ts'

/** Minifies a stylesheet with lightningcss, leaving a place for each reference. */
export function minify(
  name: string,
  { source, encoding }: Text,
  references: readonly Reference[],
  targets: Targets | undefined,
): LightningResult {
  if (encoding !== 'utf8') return { problem: `${name}: it is not UTF-8` }
  return lightningTemplate({ name, code: source, references, targets })
}
