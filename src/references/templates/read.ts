import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { loadFastGlob } from '../../base/load.ts'
import { splitFragment, splitUrl, strip, unquote } from '../../base/python/url.ts'
import { positionOf } from '../../base/text/position.ts'
import type { MissingReference } from '../missing.ts'
import { staticTags, type TemplateLanguage } from './scan.ts'

/** A static name in a template, with its place. */
export interface TemplateReference extends MissingReference {
  /** Without query and fragment. */
  readonly name: string
}

/** A folder of templates. */
export interface TemplateFolder {
  /** An absolute path. */
  readonly folder: string
  readonly language: TemplateLanguage
}

/** In bytes: no template that anybody wrote is larger. */
const LARGEST = 1024 * 1024

/** The static names in every template of some folders, by the template's path; folders need not exist. */
export function readTemplates(folders: readonly TemplateFolder[]): Map<string, TemplateReference[]> {
  const references = new Map<string, TemplateReference[]>()
  for (const { folder, language } of folders) {
    const files = loadFastGlob().sync('**/*', {
      cwd: folder,
      absolute: true,
      suppressErrors: true,
      ignore: ['**/*~'],
    })
    for (const file of files.sort()) {
      const found = readTemplate(path.resolve(file), language)
      if (found.length > 0) references.set(path.resolve(file), found)
    }
  }
  return references
}

/** All static names in the templates of some folders. */
export function referencesIn(folders: readonly TemplateFolder[]): TemplateReference[] {
  return [...readTemplates(folders).values()].flat()
}

/** The static names in a template; none where there is no such file any more, or it is no text. */
export function readTemplate(file: string, language: TemplateLanguage): TemplateReference[] {
  const text = textOf(file)
  if (text === undefined) return []
  return staticTags(text, language).flatMap(({ url, start }) => {
    const name = fileName(url)
    return name === undefined ? [] : [{ source: file, ...positionOf(text, start), url, name }]
  })
}

function textOf(file: string): string | undefined {
  try {
    if (statSync(file).size > LARGEST) return undefined
    const text = readFileSync(file, 'utf8')
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/**
 * The name of the file that a storage looks up; `undefined` for a folder or another site. A name that starts with a
 * slash is looked up too, and never found.
 * @see https://docs.djangoproject.com/en/stable/ref/contrib/staticfiles/#django.contrib.staticfiles.storage.ManifestStaticFilesStorage
 */
function fileName(url: string): string | undefined {
  const [withoutFragment] = splitFragment(url)
  const { scheme, netloc, ...parts } = splitUrl(unquote(withoutFragment))
  const name = strip(parts.path)
  return scheme !== '' || netloc !== '' || name === '' || name.endsWith('/') ? undefined : name
}
