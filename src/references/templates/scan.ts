import { jinjaCalls } from './jinja.ts'
import type { StaticTag } from './static-tag.ts'

/** Which language templates are written in; of `'any'` the text of each one tells. */
export type TemplateLanguage = 'django' | 'jinja2' | 'any'

/**
 * The literal names in `{% static 'name' %}` and Jinja's `static('name')`, in the order of the text. Comments and what
 * is verbatim are left out, and so are names that are computed: only Django knows them.
 * @see https://docs.djangoproject.com/en/stable/ref/templates/builtins/#static
 * @see https://jinja.palletsprojects.com/en/stable/templates/
 */
export function staticTags(text: string, language: TemplateLanguage = 'any'): StaticTag[] {
  if (!text.includes('static')) return []
  const isDjango = language === 'any' ? ONLY_DJANGO.test(text) : language === 'django'
  return isDjango ? djangoTags(text) : jinjaCalls(text)
}

/** Tags that Jinja does not have. */
const ONLY_DJANGO = /\{%\s*(?:load|static|comment|verbatim)\s/u

/** Tags, variables and comments never span lines. */
const TOKEN = /\{%([^\r\n]*?)%\}|\{\{[^\r\n]*?\}\}|\{#[^\r\n]*?#\}/gu

function djangoTags(text: string): StaticTag[] {
  const tags: StaticTag[] = []
  let endOfVerbatim: string | undefined
  let inComment = false
  for (const { 1: inside, index } of text.matchAll(TOKEN)) {
    const content = inside?.trim()
    if (content === undefined) continue
    // Django splits a text into tokens before it knows of comments, so that what is verbatim wins.
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

/** `static 'name'`, and whatever follows a blank: `as variable`. A filter makes a name that is computed. */
const STATIC_TAG = /^static\s+("[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')(?:\s|$)/u

function literalName(content: string): string | undefined {
  const literal = STATIC_TAG.exec(content)?.[1]
  if (literal === undefined) return undefined
  const quote = literal.charAt(0)
  return literal.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\')
}
