import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { splitFragment, splitUrl, strip, unquote } from '../../base/python/url.ts'
import { positionOf } from '../../base/text/position.ts'
import { fastGlob } from '../../finders/fast-glob.ts'
import type { MissingReference } from '../missing.ts'
import { staticTags, type TemplateLanguage } from './scan.ts'

/** A static name in a template, with its position. */
export interface TemplateReference extends MissingReference {
  /** The name without query and fragment. */
  readonly name: string
}

/** A folder of templates. */
export interface TemplateFolder {
  /** The folder's absolute path. */
  readonly folder: string
  readonly language: TemplateLanguage
}

/** The size of the largest template to read, in bytes: nobody writes a larger one. */
const LARGEST = 1024 * 1024

/** Reads the static names in all templates of some folders, by the template's path; folders need not exist. */
export function readTemplates(folders: readonly TemplateFolder[]): Map<string, TemplateReference[]> {
  const references = new Map<string, TemplateReference[]>()
  for (const { folder, language } of folders) {
    const files = fastGlob().sync('**/*', {
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

/** Reads the static names in all templates of some folders. */
export function referencesIn(folders: readonly TemplateFolder[]): TemplateReference[] {
  return [...readTemplates(folders).values()].flat()
}

/** Reads the static names in a template; there are none if the file is gone or is not a text. */
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
 * Returns the name that a storage looks up, or `undefined` for a folder or another host. A storage also looks up a name that
 * starts with a slash, and never finds it.
 * @see https://docs.djangoproject.com/en/stable/ref/contrib/staticfiles/#django.contrib.staticfiles.storage.ManifestStaticFilesStorage
 */
function fileName(url: string): string | undefined {
  const [withoutFragment] = splitFragment(url)
  const { scheme, netloc, ...parts } = splitUrl(unquote(withoutFragment))
  const name = strip(parts.path)
  return scheme !== '' || netloc !== '' || name === '' || name.endsWith('/') ? undefined : name
}
