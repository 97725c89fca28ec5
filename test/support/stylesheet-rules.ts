import { type CssNode, generate, parse } from 'css-tree'
import { type Targets, transform } from 'lightningcss'

/** Every selector of a stylesheet with the at-rules around it, and every other block with what it declares. */
export type Rules = ReadonlySet<string>

/** Reads the rules with css-tree, which is not part of what is tested. Rules without declarations are left out. */
export function rulesOf(css: string): Rules {
  const rules = new Set<string>()
  const sheet = parse(css.replace(/^\uFEFF/, ''), {
    parseAtrulePrelude: false,
    parseValue: false,
    parseCustomProperty: false,
  })
  collect(sheet, [], rules)
  return rules
}

const SEPARATOR = ' { '

function collect(node: CssNode, around: readonly string[], rules: Set<string>): void {
  if (node.type === 'StyleSheet' || node.type === 'Block') {
    for (const child of node.children) collect(child, around, rules)
  } else if (node.type === 'Rule') {
    const declares = node.block.children.some(child => child.type === 'Declaration')
    for (const selector of selectorsOf(node.prelude)) {
      if (declares) rules.add([...around, selector].join(SEPARATOR))
      collect(node.block, [...around, selector], rules)
    }
  } else if (node.type === 'Atrule' && node.block) {
    const head = `@${node.name.toLowerCase()} ${node.prelude ? generate(node.prelude) : ''}`.trim()
    const declarations = node.block.children.filter(child => child.type === 'Declaration')
    const properties = declarations.map(child => (child as { property: string }).property.toLowerCase())
    if (!declarations.isEmpty)
      rules.add([...around, head, properties.toArray().sort().join()].join(SEPARATOR))
    collect(node.block, [...around, head], rules)
  }
}

function selectorsOf(prelude: CssNode): string[] {
  if (prelude.type !== 'SelectorList') return [generate(prelude)]
  return prelude.children.map(selector => generate(selector)).toArray()
}

/** The rules of `source` that `result` does not have; where a minifier wrote `result`, in any spelling of its own. */
export function lostRules(source: Rules, result: Rules, targets: Targets | undefined): string[] {
  return [...source].filter(rule => {
    const unprefixed = withoutPrefix(rule)
    return (
      !hasRule(result, rule, targets) && !(source.has(unprefixed) && hasRule(result, unprefixed, targets))
    )
  })
}

function hasRule(rules: Rules, rule: string, targets: Targets | undefined): boolean {
  if (rules.has(rule)) return true
  const spelled = targets ? spelledByLightning(rule, targets) : []
  return spelled.length > 0 && spelled.every(other => rules.has(other))
}

/** A minifier may leave the prefixed form out where all its browsers know the other. */
function withoutPrefix(rule: string): string {
  return rule.replace(/(?<=@|::)-(?:webkit|moz|ms|o)-(?:input-)?/g, '')
}

const spellings = new Map<string, string[]>()

/** One rule at a time, so that nothing around it can hide a loss. */
function spelledByLightning(rule: string, targets: Targets): string[] {
  const known = spellings.get(rule)
  if (known) return known
  const parts = rule.split(SEPARATOR)
  const css = `${parts.join('{')}{color:red${'}'.repeat(parts.length)}`
  let spelled: string[] = []
  try {
    const { code } = transform({ filename: 'rule.css', code: Buffer.from(css), minify: true, targets })
    spelled = [...rulesOf(code.toString())]
  } catch {
    // What lightningcss cannot read has no other spelling.
  }
  spellings.set(rule, spelled)
  return spelled
}
