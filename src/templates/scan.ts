/** A static name in a template. */
export interface StaticTag {
  /** As it is written, without its quotes. */
  readonly url: string
  /** Where the tag begins in the text, in UTF-16 units. */
  readonly start: number
}

/** Which language a template is written in; most folders hold one, and nothing tells which. */
export type TemplateLanguage = 'jinja2' | 'any'

/**
 * The literal names in `{% static 'name' %}` and Jinja's `static('name')`, in the order of the text. Comments and what
 * is verbatim are left out, and so are names that are computed: only Django knows them.
 * @see https://docs.djangoproject.com/en/stable/ref/templates/builtins/#static
 * @see https://jinja.palletsprojects.com/en/stable/templates/
 */
export function staticTags(text: string, language: TemplateLanguage = 'any'): StaticTag[] {
  if (!text.includes('static')) return []
  const django = language === 'any' ? djangoTags(text) : []
  return [...django, ...jinjaCalls(text)].sort((one, other) => one.start - other.start)
}

/** Django's tags, variables and comments never span lines. */
const DJANGO_TOKEN = /\{%(.*?)%\}|\{\{.*?\}\}|\{#.*?#\}/gu

/** `static 'name'`, with `as variable` or not; a filter makes it a name that is computed. */
const STATIC_TAG = /^static\s+(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')(?:\s+as\s+\S+)?$/u

function djangoTags(text: string): StaticTag[] {
  const tags: StaticTag[] = []
  let skippedUntil: string | undefined
  for (const { 1: inside, index } of text.matchAll(DJANGO_TOKEN)) {
    const content = inside?.trim()
    if (content === undefined) continue
    if (skippedUntil !== undefined) {
      if (content === skippedUntil) skippedUntil = undefined
    } else if (/^verbatim\b/u.test(content)) skippedUntil = `end${content}`
    else if (/^comment(?:\s|$)/u.test(content)) skippedUntil = 'endcomment'
    else {
      const [, double, single] = STATIC_TAG.exec(content) ?? []
      const url = double ?? single
      if (url !== undefined) tags.push({ url: unquoted(url), start: index })
    }
  }
  return tags
}

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/.source
const JINJA_SKIPPED =
  /\{#.*?(?:#\}|$)|\{%[-+]?\s*(raw|verbatim)\s*[-+]?%\}.*?(?:\{%[-+]?\s*end\1\s*[-+]?%\}|$)/.source
const JINJA_EXPRESSION = `(\\{\\{(?:${STRING}|.)*?\\}\\}|\\{%(?:${STRING}|.)*?%\\})`
const JINJA_TOKEN = new RegExp(`${JINJA_SKIPPED}|${JINJA_EXPRESSION}`, 'gsu')
const STATIC_CALL = new RegExp(`(?<![\\w.])static\\s*\\(\\s*(${STRING})\\s*,?\\s*\\)|${STRING}`, 'gsu')

function jinjaCalls(text: string): StaticTag[] {
  return [...text.matchAll(JINJA_TOKEN)].flatMap(({ 2: expression, index }) =>
    [...(expression ?? '').matchAll(STATIC_CALL)].flatMap(({ 1: argument, index: within }) =>
      argument === undefined ? [] : [{ url: unquoted(argument.slice(1, -1)), start: index + within }],
    ),
  )
}

/** Backslashes stand before quotes and before backslashes. */
function unquoted(literal: string): string {
  return literal.replace(/\\(["'\\])/gu, '$1')
}
