import { type Import, parse } from 'es-module-lexer'
import { transform } from 'lightningcss'
import { cssTokens } from './css-tokens.ts'

/**
 * The URLs that a stylesheet loads, as lightningcss reads them, and with css-tree also those in rules that lightningcss
 * leaves out.
 */
export function stylesheetUrls(css: string): Set<string> {
  const urls = new Set(cssTokens(css).flatMap(({ type, text }) => (type === 'url' ? [text] : [])))
  const { dependencies } = transform({
    ...{ filename: 'a.css', code: Buffer.from(css), errorRecovery: true },
    analyzeDependencies: { preserveImports: true },
  })
  for (const dependency of dependencies ?? []) if ('url' in dependency) urls.add(dependency.url)
  const map = /\/\*# sourceMappingURL=(\S+) \*\/\s*$/.exec(css)?.[1]
  if (map) urls.add(map)
  return urls
}

/** The URLs that a script loads. One that es-module-lexer cannot read is not a module, and loads none. */
export function scriptUrls(js: string): Set<string> {
  const map = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(js.slice(-500))?.[1]
  const urls = new Set(map ? [map] : [])
  for (const { type, specifier, start } of importsOf(js)) {
    const url = type === 'import-meta' ? urlBeside(js.slice(Math.max(start - 300, 0), start)) : specifier
    if (url && /^\.{0,2}\//.test(url)) urls.add(url)
  }
  return urls
}

function importsOf(js: string): readonly Import[] {
  try {
    return parse(js)[0]
  } catch {
    return []
  }
}

/** The `x` of `new URL('x', ` where `import.meta.url` follows. */
function urlBeside(before: string): string | undefined {
  const url = /\bnew URL\(\s*(["'])([^"'\n]*)\1\s*,\s*$/.exec(before)?.[2]
  return url === undefined || /^[a-z]+:|^\//i.test(url) ? url : `./${url}`
}
