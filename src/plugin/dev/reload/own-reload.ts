import type { EnvironmentModuleNode } from 'vite'
import type { DevServer } from '../dev-server.ts'
import { UNLOADED } from '../entries/virtual-modules.ts'
import { liesInFolders, updateFor } from './reload.ts'

/**
 * What Vite is to update in place of the modules of a changed file, so that a page is not reloaded twice. Vite reloads
 * for HTML files that no module is made of, unless it has a module to update; one that no page has loaded asks nothing
 * of any page.
 * @returns `undefined` where Vite has to go on by itself
 */
export async function modulesLeftToVite(
  file: string,
  modules: readonly EnvironmentModuleNode[],
  dev: DevServer,
): Promise<EnvironmentModuleNode[] | undefined> {
  const reloads = updateFor(file, dev).reload
  if (!reloads && !(file.endsWith('.html') && liesInFolders(file, dev))) return undefined
  const unloaded = await dev.server.environments.client.moduleGraph.ensureEntryFromUrl(UNLOADED, false)
  return reloads ? [unloaded] : [...modules, unloaded]
}
