import path from 'node:path'
import type { ResolvedConfig, UserConfig } from 'vite'
import { StaticFilesError } from '../base/errors.ts'
import { contains } from '../base/files/paths.ts'
import type { Project } from '../options/project.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import { checkEmptying, holdsOthers, type Precious } from '../static-root/emptying.ts'

/**
 * Checks that there is a folder to fill. Without STATIC_ROOT Django's `collectstatic` fails too.
 * @param outDir Vite's `build.outDir`
 * @throws StaticFilesError if neither a setting nor an option names the folder
 */
export function checkStaticRoot({ django, given }: Project, outDir: string | undefined): void {
  if (!django || django.answer.staticRoot !== null || given.staticRoot || outDir) return
  throw new StaticFilesError(
    `STATIC_ROOT is not set in ${django.answer.settings}, so there is no folder to fill\n` +
      "Set it (STATIC_ROOT = BASE_DIR / 'staticfiles'), or give `staticRoot` in the Vite configuration",
  )
}

/** Whether the static root is not emptied, because the user has not asked for it and no build has filled the folder. */
export function isKept(user: UserConfig, { staticRoot, manifest }: ResolvedOptions): boolean {
  const emptyOutDir = user.environments?.client?.build?.emptyOutDir ?? user.build?.emptyOutDir
  return typeof emptyOutDir !== 'boolean' && holdsOthers(staticRoot, manifest)
}

/**
 * Whether Vite empties the static root before it writes. By default it empties a folder in Vite's root.
 * @see https://vite.dev/config/build-options#build-emptyoutdir
 */
export function isEmptied({ build, environments, root }: ResolvedConfig, { options }: Project): boolean {
  const { emptyOutDir } = environments.client?.build ?? build
  return emptyOutDir ?? contains(root, options.staticRoot)
}

/**
 * Checks the static root before Vite empties it.
 * @throws StaticFilesError if it contains sources or a project
 */
export async function guardEmptying(config: ResolvedConfig, project: Project): Promise<void> {
  const { dryRun, staticRoot, manifest } = project.options
  if (!dryRun && isEmptied(config, project))
    await checkEmptying(staticRoot, manifest, preciousOf(config, project))
}

function* preciousOf(
  { configFile, root, build }: ResolvedConfig,
  { django, options, entries }: Project,
): Generator<Precious> {
  yield [root, "Vite's root"]
  if (configFile) yield [configFile, "Vite's configuration"]
  const { input = {} } = build.rollupOptions
  for (const each of typeof input === 'string' ? [input] : Object.values(input))
    yield [path.resolve(root, each), 'an input of the bundler']
  for (const { source } of entries) yield [source, 'an entry']
  for (const { folder } of options.templates) yield [folder, 'a folder of templates']
  for (const { root: folder, option } of options.finders.flatMap(({ locations }) => locations))
    yield [folder, `a folder of \`${option}\``]
  for (const [file, setting] of django?.answer.irreplaceable ?? []) yield [file, `which ${setting} names`]
  for (const app of django?.answer.apps ?? []) yield [app, 'an app of INSTALLED_APPS']
  // Settings may also read what builds write, such as the manifest.
  for (const file of django?.reads.files.filter(each => each.endsWith('.py')) ?? [])
    yield [file, "a file of Django's settings"]
}

/** Returns the warning that says why the static root is not emptied. */
export function notEmptied(staticRoot: string): string {
  return (
    `${staticRoot} is not emptied, because it held files before the first build: what is in it stays, and is published. ` +
    'To empty it once: `vite build --emptyOutDir`, or `staticfiles collect --clear`. To keep it, and not be told again: ' +
    'build: { emptyOutDir: false } in the Vite configuration'
  )
}
