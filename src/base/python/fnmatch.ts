/**
 * Translates a shell pattern to a regular expression that matches like Python's `fnmatch.fnmatchcase`: it knows `*`, `?`,
 * `[seq]` and `[!seq]`; `*` crosses slashes, and nothing can be escaped.
 */
export function fnmatchRegExp(pattern: string): RegExp {
  let expression = ''
  let at = 0
  while (at < pattern.length) {
    const set = pattern[at] === '[' ? setEnd(pattern, at) : -1
    if (set === -1) {
      const character = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
      // Two stars in a row match the same as one, and would only make the expression slow.
      if (character !== '*' || !expression.endsWith('.*')) expression += characterExpression(character)
      at += character.length
    } else {
      expression += setExpression(pattern.slice(at + 1, set))
      at = set + 1
    }
  }
  return new RegExp(`^(?:${expression})$`, 'su')
}

function characterExpression(character: string): string {
  if (character === '*') return '.*'
  return character === '?' ? '.' : escapeText(character)
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')
}

/** Escapes a member of a set, including the hyphen; outside a set an escaped hyphen is invalid. */
function escapeMember(character: string): string {
  return character === '-' ? '\\-' : escapeText(character)
}

/** Returns the index of the `]` that closes the set at `start`, or -1. A `]` that comes first is a member of the set. */
function setEnd(pattern: string, start: number): number {
  const first = pattern[start + 1] === '!' ? start + 2 : start + 1
  return pattern.indexOf(']', first + 1)
}

function setExpression(body: string): string {
  const negated = body.startsWith('!')
  const members = rangesOf([...(negated ? body.slice(1) : body)])
  // Python drops empty ranges before it looks for the `!`: `[z-a!b]` is `[!b]`.
  if (negated || members.startsWith('!')) return everythingBut(negated ? members : members.slice(1))
  return members === '' ? '(?!)' : `[${members}]`
}

function everythingBut(members: string): string {
  return members === '' ? '.' : `[^${members}]`
}

function rangesOf(characters: readonly string[]): string {
  let ranges = ''
  for (let at = 0; at < characters.length; at++) {
    const [from, dash, to] = characters.slice(at, at + 3) as [string, string?, string?]
    if (dash !== '-' || to === undefined) ranges += escapeMember(from)
    else {
      if (codePoint(from) <= codePoint(to)) ranges += `${escapeMember(from)}-${escapeMember(to)}`
      at += 2
    }
  }
  return ranges
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0
}
