/**
 * The regular expression of a shell pattern as Python's `fnmatch.fnmatchcase` reads it: `*`, `?`, `[seq]` and
 * `[!seq]`, where `*` crosses slashes and nothing can be escaped.
 */
export function fnmatchRegExp(pattern: string): RegExp {
  let source = ''
  let at = 0
  while (at < pattern.length) {
    const set = pattern[at] === '[' ? setEnd(pattern, at) : -1
    if (set === -1) {
      const character = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
      source += single(character)
      at += character.length
    } else {
      source += setSource(pattern.slice(at + 1, set))
      at = set + 1
    }
  }
  return new RegExp(`^(?:${source})$`, 'su')
}

function single(character: string): string {
  if (character === '*') return '.*'
  return character === '?' ? '.' : escapeText(character)
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&')
}

/** The index of the `]` that closes the set at `start`, or -1: a `]` that comes first is one of its members. */
function setEnd(pattern: string, start: number): number {
  const first = pattern[start + 1] === '!' ? start + 2 : start + 1
  return pattern.indexOf(']', first + 1)
}

function setSource(body: string): string {
  const negated = body.startsWith('!')
  const members = [...(negated ? body.slice(1) : body)]
  const ranges: string[] = []
  for (let at = 0; at < members.length; at++) {
    const [from, dash, to] = members.slice(at, at + 3) as [string, string?, string?]
    if (dash !== '-' || to === undefined) ranges.push(escapeText(from))
    else {
      if (from <= to) ranges.push(`${escapeText(from)}-${escapeText(to)}`)
      at += 2
    }
  }
  if (ranges.length === 0) return negated ? '.' : '(?!)'
  return `[${negated ? '^' : ''}${ranges.join('')}]`
}
