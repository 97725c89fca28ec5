import { chmodSync, statSync } from 'node:fs'

/** Gives a file its mode. Not as an option of what writes it: there the umask takes part. */
export function giveMode(file: string, mode: number): void {
  if ((statSync(file).mode & 0o7777) !== mode) chmodSync(file, mode)
}
