import { readFile } from 'node:fs/promises'

/** The module of the client, which runs in pages and swaps stylesheets. */
export const CLIENT = 'virtual:staticfiles/client'

/** A module that no page loads. */
export const UNLOADED = 'virtual:staticfiles/unloaded'

/** Resolves the ids of the plugin's own modules. */
export function resolveVirtual(id: string): string | undefined {
  return id === CLIENT || id === UNLOADED ? `\0${id}` : undefined
}

/** Loads the code of the client. */
export async function loadVirtual(id: string): Promise<string | undefined> {
  return id === `\0${CLIENT}` ? readFile(new URL('./client.js', import.meta.url), 'utf8') : undefined
}
