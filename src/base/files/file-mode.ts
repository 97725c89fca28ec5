import { chmodSync, type Stats, statSync } from 'node:fs'

/**
 * Gives a file its mode. Not as an option of what writes it: there the umask takes part.
 * @param known what is known of the file, where somebody has looked already
 */
export function giveMode(file: string, mode: number, known: Stats = statSync(file)): void {
  if ((known.mode & 0o7777) !== mode) chmodSync(file, mode)
}
