import type { Answer, Ask } from './ask.ts'
import type { BuiltSite } from './site.ts'

/** Something that a server does or does not. */
export interface Fact {
  /** What the table says. */
  readonly states: string
  /** Answers what was found, and what should have been. */
  readonly measure: (ask: Ask, site: BuiltSite) => Promise<readonly [found: unknown, expected: unknown]>
}

/** Facts under a heading. */
export interface FactGroup {
  readonly title: string
  readonly facts: readonly Fact[]
}

/** The status of an answer, or what is wrong in its headers and its body. */
export interface Expected {
  readonly status?: number | readonly number[]
  /** `undefined` where the header must not be there. */
  readonly headers?: Readonly<Record<string, RegExp | string | undefined>>
  readonly body?: Buffer
}

/** A fact about one answer. */
export function fact(
  states: string,
  request: (site: BuiltSite) => Parameters<Ask>,
  expected: (site: BuiltSite) => Expected,
): Fact {
  return {
    states,
    async measure(ask, site) {
      return [mistakesOf(await ask(...request(site)), expected(site)), []]
    },
  }
}

/** What an answer has that it should not have, and the other way round. */
export function mistakesOf({ status, headers, body }: Answer, expected: Expected): string[] {
  const mistakes: string[] = []
  const statuses = [expected.status ?? 200].flat()
  if (!statuses.includes(status)) mistakes.push(`status ${status}`)
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const found = headers[name]
    const fits = value instanceof RegExp ? value.test(found ?? '') : found === value
    if (!fits) mistakes.push(`${name}: ${found}`)
  }
  if (expected.body && !body.equals(expected.body)) mistakes.push(`a body of ${body.length} bytes`)
  return mistakes
}
