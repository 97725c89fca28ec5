import path from 'node:path'
import ts from 'typescript'

/** An import or re-export, of types alone or of values too. */
interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Which room may import what. */
export interface Rules {
  /** By room: rooms, folders and files below `src/`; behind `type ` for their types alone. */
  readonly mayImport: Readonly<Record<string, readonly string[]>>
  /** Packages that only some rooms may name, with these rooms. */
  readonly onlyIn: Readonly<Record<string, readonly string[]>>
}

/**
 * Returns the imports of a source file that the rules forbid.
 * @param file its path below `src/`, with slashes
 */
export function forbiddenImports(file: string, text: string, rules: Rules): string[] {
  const room = roomOf(file)
  return importsOf(text)
    .filter(each => !isAllowed(room, file, each, rules))
    .map(({ specifier, typeOnly }) => `${file}: ${typeOnly ? 'type ' : ''}${specifier}`)
}

function isAllowed(
  room: string,
  file: string,
  { specifier, typeOnly }: Import,
  { mayImport, onlyIn }: Rules,
): boolean {
  if (!specifier.startsWith('.')) return onlyIn[specifier]?.includes(room) ?? true
  const target = path.posix.join(path.posix.dirname(file), specifier)
  if (roomOf(target) === room) return true
  return mayImport[room]!.some(allowed => {
    const place = allowed.replace(/^type /u, '')
    return (target === place || target.startsWith(`${place}/`)) && (typeOnly || place === allowed)
  })
}

function roomOf(file: string): string {
  return file.split('/')[0]!
}

/** Returns all that a source names, `import()` and `import('…').Type` too. */
export function importsOf(text: string): Import[] {
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier && ts.isStringLiteralLike(specifier)) {
      found.push({ specifier: specifier.text, typeOnly: isOfTypes(node) })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true))
  return found
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
  return isDynamic ? node.arguments[0] : undefined
}

function isOfTypes(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false
  const { phaseModifier, name, namedBindings } = node.importClause
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const isNamed = name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings)
  return isNamed && namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly)
}
