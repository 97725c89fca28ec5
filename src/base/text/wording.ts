import path from 'node:path'
import { contains } from '../files/paths.ts'

/** `1 file`, `2 files`, `1,200 files collected` */
export function count(number: number, noun: string, verb = ''): string {
  // `toLocaleString` loads all that is known of a language, which takes 20 ms.
  const digits = String(number).replace(/\B(?=(?:\d{3})+$)/gu, ',')
  return `${digits} ${noun}${number === 1 ? '' : 's'} ${verb}`.trimEnd()
}

/** A path as people read it: relative where it lies below the working directory. */
export function nearby(file: string): string {
  return contains(process.cwd(), file) ? path.relative(process.cwd(), file) : file
}
