import path from 'node:path'
import { exists } from '../../base/files/stat.ts'
import type { Options } from '../options.ts'
import type { DjangoAnswer } from './answer.ts'

/** What the user set in Vite's configuration. */
export interface GivenToVite {
  /** Vite's root, where relative paths start. */
  readonly root: string
  /** Vite's `build.outDir`. */
  readonly outDir: string | undefined
  readonly base: string | undefined
}

/** Returns sentences about options that differ from Django's settings: what follows from each, and what to do. */
export function disagreements(given: Options, answer: DjangoAnswer, vite: GivenToVite): string[] {
  return [
    ...rootDisagreement(given, answer, vite),
    ...urlDisagreements(given, answer, vite),
    ...folderDisagreement('dirs', given, answer, vite.root),
    ...folderDisagreement('apps', given, answer, vite.root),
    ...storageDisagreement(given, answer),
  ]
}

function rootDisagreement(
  { staticRoot }: Options,
  answer: DjangoAnswer,
  { root, outDir }: GivenToVite,
): string[] {
  const folder = staticRoot || outDir
  if (!folder || answer.staticRoot === null) return []
  if (path.relative(path.resolve(root, folder), answer.staticRoot) === '') return []
  const option = !staticRoot ? "Vite's `build.outDir`" : '`staticRoot`'
  return [
    `${option} is ${path.resolve(root, folder)}, but Django's STATIC_ROOT is ${answer.staticRoot}: the files are written to the ` +
      'first, and Django looks in the second. Leave the option out, or change the setting',
  ]
}

function urlDisagreements({ staticUrl }: Options, answer: DjangoAnswer, { base }: GivenToVite): string[] {
  const problems: string[] = []
  if (staticUrl !== undefined && staticUrl !== answer.staticUrl) {
    problems.push(
      `\`staticUrl\` is '${staticUrl}', but Django's STATIC_URL is '${answer.staticUrl}', which templates use. Leave the option ` +
        'out, or change the setting',
    )
  }
  const url = staticUrl ?? answer.staticUrl
  if (base?.startsWith('/') && !url.endsWith(base)) {
    problems.push(
      `Vite's \`base\` is '${base}', but Django's STATIC_URL is '${url}': Vite's own files have other URLs than those of ` +
        'templates. Leave `base` out',
    )
  }
  return problems
}

function folderDisagreement(
  option: 'dirs' | 'apps',
  given: Options,
  answer: DjangoAnswer,
  root: string,
): string[] {
  const dirs = given[option]
  if (dirs === undefined) return []
  const folders = new Set(dirs.map(each => path.resolve(root, typeof each === 'string' ? each : each[1])))
  const django = option === 'dirs' ? djangoDirs(answer) : appsWithStatic(answer)
  const missing = django.filter(folder => !folders.has(folder))
  if (missing.length === 0) return []
  const setting = option === 'dirs' ? 'STATICFILES_DIRS' : 'INSTALLED_APPS'
  return [
    `\`${option}\` takes the place of Django's ${setting}, and lacks ${missing.join(', ')}. Leave the option out, or add ` +
      `${missing.length === 1 ? 'it' : 'them'}`,
  ]
}

function djangoDirs({ finders }: DjangoAnswer): string[] {
  return finders.flatMap(finder => (finder.kind === 'dirs' ? finder.dirs.map(([, folder]) => folder) : []))
}

function appsWithStatic({ finders, apps }: DjangoAnswer): string[] {
  return finders.flatMap(finder => {
    return finder.kind === 'apps' ? apps.filter(app => exists(path.join(app, finder.folder))) : []
  })
}

function storageDisagreement({ hash }: Options, { storage }: DjangoAnswer): string[] {
  if (!hash || storage.isManifest) return []
  return [
    `\`hash\` is ${hash}, but ${storage.class} of STORAGES["staticfiles"] reads no manifest: \`{% static %}\` gives plain names. ` +
      'Set it to django.contrib.staticfiles.storage.ManifestStaticFilesStorage, or leave the option out',
  ]
}
