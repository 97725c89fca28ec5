import { type CSSToken, type TokenAtKeyword, TokenType, tokenizer } from '@csstools/css-tokenizer'
import type { CustomAtRules, Visitor } from 'lightningcss'

/** The at-rules in which lightningcss 1.33 drops what it cannot parse, without any warning. */
const SILENT_AT_RULES = /@charset|keyframes|@font-face|@font-palette-values|@view-transition/i

const KEYFRAMES = /^(?:-(?:webkit|moz|o|ms)-)?keyframes$/
const DECLARATIONS = new Set(['font-face', 'font-palette-values', 'view-transition'])
const UTF8_CHARSET = /\s*"utf-8"\s*;/iy

/** A part of a stylesheet that lightningcss would leave out. */
export interface Drop {
  readonly offset: number
  readonly message: string
}

/** Compares what lightningcss parsed with what the stylesheet has. */
export interface DropCheck {
  readonly visitor: Visitor<CustomAtRules>
  /** Returns the first drop. Call it after the visitor has run, and only if lightningcss had no warnings. */
  firstDrop(): Drop | undefined
}

/** Returns the check that a stylesheet needs; most need none. */
export function dropCheck(text: string): DropCheck | undefined {
  if (!SILENT_AT_RULES.test(text)) return undefined
  const parsed: number[] = []
  return { visitor: countingVisitor(parsed), firstDrop: () => new DropFinder(text, parsed).find() }
}

function countingVisitor(counts: number[]): Visitor<CustomAtRules> {
  const count = (items: { length: number } | undefined) => void counts.push(items?.length ?? 0)
  return {
    Rule: {
      keyframes: rule => count(rule.value.keyframes),
      'font-face': rule => count(rule.value.properties),
      'font-palette-values': rule => count(rule.value.properties),
      'view-transition': rule => count(rule.value.properties),
    },
  }
}

interface Block {
  readonly keyword: TokenAtKeyword
  readonly keyframes: boolean
  /** The number of keyframes or declarations. */
  items: number
  /** Whether the next token starts an item. */
  expectsItem: boolean
}

type Closing = Extract<CSSToken, { 0: TokenType.CloseParen | TokenType.CloseSquare | TokenType.CloseCurly }>

/** Walks the blocks of the silent at-rules in the order of the text, which is the visitor's too. */
class DropFinder {
  readonly #text: string
  readonly #parsed: readonly number[]
  #checked = 0
  #drop: Drop | undefined
  readonly #open: string[] = []
  /** The at-rule whose block or semicolon is still to come. */
  #keyword: TokenAtKeyword | undefined
  #block: Block | undefined
  /** The number of brackets that were open at the at-rule. */
  #depth = 0

  constructor(text: string, parsed: readonly number[]) {
    this.#text = text
    this.#parsed = parsed
  }

  find(): Drop | undefined {
    const tokens = tokenizer({ css: this.#text })
    while (!tokens.endOfFile() && this.#drop === undefined) this.#take(tokens.nextToken())
    if (this.#block) this.#check(this.#block)
    return this.#drop
  }

  #take(token: CSSToken) {
    if (token[0] === TokenType.Whitespace || token[0] === TokenType.Comment) return
    if (this.#block && this.#open.length === this.#depth + 1) this.#count(this.#block, token)
    switch (token[0]) {
      case TokenType.AtKeyword:
        return this.#atKeyword(token)
      case TokenType.Semicolon:
        if (this.#open.length === this.#depth) this.#keyword = undefined
        return
      case TokenType.OpenCurly:
        this.#enterBlock()
        return this.#open.push('}')
      case TokenType.Function:
      case TokenType.OpenParen:
        return this.#open.push(')')
      case TokenType.OpenSquare:
        return this.#open.push(']')
      case TokenType.CloseParen:
      case TokenType.CloseSquare:
      case TokenType.CloseCurly:
        return this.#close(token)
    }
  }

  #atKeyword(token: TokenAtKeyword) {
    const name = nameOf(token)
    if (name === 'charset') return this.#charset(token)
    if (this.#block || !(KEYFRAMES.test(name) || DECLARATIONS.has(name))) return
    this.#keyword = token
    this.#depth = this.#open.length
  }

  /** Accepts UTF-8 only: lightningcss drops `@charset`, with all that it reads as its prelude, and writes UTF-8. */
  #charset(token: TokenAtKeyword) {
    UTF8_CHARSET.lastIndex = token[3] + 1
    if (UTF8_CHARSET.test(this.#text)) return
    this.#drop = { offset: token[2], message: 'lightningcss drops this @charset' }
  }

  #enterBlock() {
    if (!this.#keyword || this.#open.length !== this.#depth) return
    const keyframes = KEYFRAMES.test(nameOf(this.#keyword))
    this.#block = { keyword: this.#keyword, keyframes, items: 0, expectsItem: true }
    this.#keyword = undefined
  }

  /** Counts the items of a block, even if one never gets a block or colon: it may swallow what follows. */
  #count(block: Block, token: CSSToken) {
    if (token[0] === TokenType.CloseCurly) return
    if (token[0] === TokenType.Semicolon && !block.keyframes) block.expectsItem = true
    else if (block.expectsItem) {
      block.items++
      block.expectsItem = false
    }
  }

  #close(token: Closing) {
    // An unmatched closing bracket closes nothing: https://drafts.csswg.org/css-syntax/#consume-component-value
    if (this.#open.at(-1) !== token[1]) return
    this.#open.pop()
    if (!this.#block) return
    if (this.#block.keyframes && this.#open.length === this.#depth + 1)
      this.#block.expectsItem ||= token[1] === '}'
    if (this.#open.length > this.#depth) return
    this.#check(this.#block)
    this.#block = undefined
  }

  #check({ keyword, items }: Block) {
    if (this.#parsed[this.#checked++] === items) return
    this.#drop = { offset: keyword[2], message: `lightningcss drops a part of this ${keyword[1]}` }
  }
}

function nameOf(token: TokenAtKeyword): string {
  return token[4].value.toLowerCase()
}
