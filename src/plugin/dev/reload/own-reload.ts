import type { EnvironmentModuleNode } from 'vite'
import type { DevServer } from '../dev-server.ts'
import { UNLOADED } from '../entries/virtual-modules.ts'
import { liesInFolders, updateFor } from './reload.ts'

/**
 * Returns the modules that Vite updates instead of those of a changed file, so that a page does not reload twice. Vite
 * reloads for HTML files without a module, unless it has a module to update. A module that no page has loaded changes no
 * page.
 * @returns `undefined` if Vite decides
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
