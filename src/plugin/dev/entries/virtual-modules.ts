import { readFile } from 'node:fs/promises'

/** The code that runs in pages: it swaps stylesheets. */
export const CLIENT = 'virtual:staticfiles/client'

/** A module that no page loads. */
export const UNLOADED = 'virtual:staticfiles/unloaded'

/** The ids of the plugin's own modules. */
export function resolveVirtual(id: string): string | undefined {
  return id === CLIENT || id === UNLOADED ? `\0${id}` : undefined
}

/** The code of the client. */
export async function loadVirtual(id: string): Promise<string | undefined> {
  return id === `\0${CLIENT}` ? readFile(new URL('./client.js', import.meta.url), 'utf8') : undefined
}
