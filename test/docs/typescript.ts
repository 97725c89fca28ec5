import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const NAMES = ['staticfiles', 'Manifest', 'FileSystemFinder', 'AppDirectoriesFinder', 'find']

/** A block as a module: with the imports that its page has shown before. */
export function asModule(text: string): string {
  const used = (name: string) => new RegExp(`\\b${name}\\b[.(]`, 'u').test(text)
  const imported = (name: string) => new RegExp(`import [^\\n]*\\b${name}\\b`, 'u').test(text)
  const missing = NAMES.filter(name => used(name) && !imported(name))
  const own = missing.length > 0 ? `import { ${missing.join(', ')} } from 'vite-plugin-staticfiles'\n` : ''
  return own + text
}

/**
 * A `vite.config.ts` of a block: a whole one, a call of the plugin, an option of it, or an option of Vite. `// …` stands for
 * what was there before.
 */
export function configurationOf(text: string): string {
  const whole = text.replace('// …', "django: 'manage.py',")
  if (/\bdefineConfig\(|export default/u.test(whole)) return asModule(whole)
  const plugin = "staticfiles({ django: 'manage.py' })"
  const config = whole.startsWith('staticfiles(')
    ? `plugins: [${whole.trim()}]`
    : whole.startsWith('entries:')
      ? `plugins: [staticfiles({ django: 'manage.py', ${whole.trim()} })]`
      : `plugins: [${plugin}],\n${whole}`
  return asModule(
    `import { defineConfig } from 'vite'\nexport default defineConfig(({ mode }) => ({\n${config}\n}))\n`,
  )
}

const OPTIONS: ts.CompilerOptions = {
  ...{ strict: true, noEmit: true, skipLibCheck: true, allowJs: true, checkJs: true },
  ...{
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  },
  types: ['node', 'vite/client'],
  allowImportingTsExtensions: true,
}

/** Parsed once: the declarations of packages, which take most of the time. */
const parsed = new Map<string, ts.SourceFile | undefined>()

function compilerHost(): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS)
  const parse = host.getSourceFile
  host.getSourceFile = (file, options) => {
    if (!/\.d\.[cm]?ts$/u.test(file) || file.includes('/.cache/')) return parse(file, options)
    if (!parsed.has(file)) parsed.set(file, parse(file, options))
    return parsed.get(file)
  }
  return host
}

/** The errors of a module against the types of the built package. */
export function typeErrors(root: string, file: string, text: string): string[] {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
  writeFileSync(path.join(root, file), text)
  const program = ts.createProgram([path.join(root, file)], OPTIONS, compilerHost())
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
