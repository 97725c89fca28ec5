import path from 'node:path'
import { contains } from '../files/paths.ts'

/** Writes a number with its noun: `1 file`, `2 files`, `1,200 files collected`. */
export function count(number: number, noun: string, verb = ''): string {
  // `toLocaleString` loads all data of a language, which takes 20 ms.
  const digits = String(number).replace(/\B(?=(?:\d{3})+$)/gu, ',')
  return `${digits} ${noun}${number === 1 ? '' : 's'} ${verb}`.trimEnd()
}

/** Shortens a path for people: it becomes relative if it lies below the working directory. */
export function nearby(file: string): string {
  return contains(process.cwd(), file) ? path.relative(process.cwd(), file) : file
}
