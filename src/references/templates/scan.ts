import { jinjaCalls } from './jinja.ts'
import type { StaticTag } from './static-tag.ts'

/** The language of templates; for `'any'`, the text of each template decides. */
export type TemplateLanguage = 'django' | 'jinja2' | 'any'

/**
 * Finds the literal names in `{% static 'name' %}` and Jinja's `static('name')`, in the order of the text. Comments and
 * verbatim text are left out, and so are computed names: only Django knows them.
 * @see https://docs.djangoproject.com/en/stable/ref/templates/builtins/#static
 * @see https://jinja.palletsprojects.com/en/stable/templates/
 */
export function staticTags(text: string, language: TemplateLanguage = 'any'): StaticTag[] {
  if (!text.includes('static')) return []
  const isDjango = language === 'any' ? ONLY_DJANGO.test(text) : language === 'django'
  return isDjango ? djangoTags(text) : jinjaCalls(text)
}

/** Matches tags that Jinja does not have. */
const ONLY_DJANGO = /\{%\s*(?:load|static|comment|verbatim)\s/u

/** Matches a tag, a variable or a comment: none of them spans lines. */
const TOKEN = /\{%([^\r\n]*?)%\}|\{\{[^\r\n]*?\}\}|\{#[^\r\n]*?#\}/gu

function djangoTags(text: string): StaticTag[] {
  const tags: StaticTag[] = []
  let endOfVerbatim: string | undefined
  let inComment = false
  for (const { 1: inside, index } of text.matchAll(TOKEN)) {
    const content = inside?.trim()
    if (content === undefined) continue
    // Django splits a text into tokens before it handles comments, so `verbatim` wins.
    if (endOfVerbatim !== undefined) {
      if (content !== endOfVerbatim) continue
      endOfVerbatim = undefined
    } else if (/^verbatim(?: |$)/u.test(content)) endOfVerbatim = `end${content}`
    if (inComment) inComment = content !== 'endcomment'
    else if (/^comment(?:\s|$)/u.test(content)) inComment = true
    else {
      const url = literalName(content)
      if (url !== undefined) tags.push({ url, start: index })
    }
  }
  return tags
}

/** Matches `static 'name'`, and anything after a blank: `as variable`. A name with a filter is computed. */
const STATIC_TAG = /^static\s+("[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')(?:\s|$)/u

function literalName(content: string): string | undefined {
  const literal = STATIC_TAG.exec(content)?.[1]
  if (literal === undefined) return undefined
  const quote = literal.charAt(0)
  return literal.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\')
}
