/** Writes a string like Python's `json.dumps`: in ASCII, with everything else as `\uXXXX`. */
export function pythonJsonString(text: string): string {
  if (!/[^ !#-[\]-~]/u.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, unit => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Sorts strings in place like Python, by code point; JavaScript sorts by UTF-16 unit. */
export function sortByCodePoint(texts: string[]): string[] {
  // The two orders differ only if there are surrogates, and the built-in sort is three times as fast.
  return texts.some(text => /[\ud800-\udfff]/.test(text)) ? texts.sort(compareCodePoints) : texts.sort()
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Returns the rank of a UTF-16 unit among code points: half a surrogate pair comes after every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
