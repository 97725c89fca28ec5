import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { ROOT, readPage } from './pages.ts'

/** Our own messages on the page; those of browsers are marked. */
function messagesOf(page: string): string[] {
  return page
    .split('\n')
    .filter(line => line.startsWith('**`'))
    .flatMap(line => [...line.matchAll(/\*\*`([^`]+)`\*\*(?! \()/gu)].map(match => match[1]!))
}

const SOURCES = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file =>
    ts.createSourceFile(
      file,
      readFileSync(path.join(ROOT, 'src', file), 'utf8'),
      ts.ScriptTarget.ES2022,
      true,
    ),
  )

/** All texts of a source, in their order; `…` for each value in between. */
function textsOf(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node)) {
    return (
      node.head.text +
      node.templateSpans.map(span => `…${textsOf(span.expression)}…${span.literal.text}`).join('')
    )
  }
  const parts: string[] = []
  node.forEachChild(child => {
    parts.push(textsOf(child))
  })
  return parts.filter(Boolean).join(' ')
}

const TEXTS = SOURCES.map(source => textsOf(source))

function partsOf(message: string): string[] {
  return message
    .split('…')
    .map(part => part.trim().replace(/^'|'$/gu, ''))
    .filter(part => part.length > 3)
}

/** Whether one source file says a message. */
function isSaid(message: string): boolean {
  const parts = partsOf(message)
  return parts.length > 0 && TEXTS.some(text => parts.every(part => text.includes(part)))
}

/** The first line of each error that is thrown. */
function errorsOf(source: ts.SourceFile): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText(source) === 'StaticFilesError') {
      found.push(textsOf(node.arguments![0]!).split('\n')[0]!)
    }
    node.forEachChild(visit)
  }
  visit(source)
  return found
}

const PAGE = readPage('docs/troubleshooting.md')

/** Errors that only repeat what a function has gathered have no text of their own. */
function undocumented(errors: readonly string[], page: string): string[] {
  const messages = messagesOf(page)
  return errors.filter(error => {
    if (!/[a-z]{3}/u.test(error)) return false
    return !messages.some(
      message =>
        partsOf(message).some(part => error.includes(part)) ||
        partsOf(error).some(part => part.length > 8 && message.includes(part)),
    )
  })
}

test('each message in docs/troubleshooting.md is one of a source file', () => {
  const messages = messagesOf(PAGE)
  expect(messages.length).toBeGreaterThan(30)
  expect(messages.filter(message => !isSaid(message))).toEqual([])
})

test('each error that is thrown has a place in docs/troubleshooting.md', () => {
  const errors = SOURCES.flatMap(errorsOf)
  expect(errors.length).toBeGreaterThan(30)
  expect(undocumented(errors, PAGE)).toEqual([])
})

test('a message that nothing says is noticed, and so is one that the page lacks', () => {
  expect(isSaid('entries crash')).toBe(false)
  // The parts are those of two files.
  expect(isSaid('entries clash … cannot write the report')).toBe(false)
  expect(undocumented(['entries clash'], PAGE.replace('entries clash', ''))).toEqual(['entries clash'])
})
