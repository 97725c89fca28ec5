import path from 'node:path'
import { contains } from '../finders.ts'

/** In lines: what fits a small terminal with room for the prompt. */
const SCREEN = 40

/** Cuts a long text where it fills the screen. */
export function fitScreen(text: string): string {
  const lines = text.split('\n')
  if (lines.length <= SCREEN) return text
  // The last lines say what was searched, and what to do.
  const [start, end] = [lines.slice(0, SCREEN - 6), lines.slice(-4)]
  const left = lines.length - start.length - end.length
  return [...start, `… and ${left} more lines; \`staticfiles check --json\` lists everything`, ...end].join(
    '\n',
  )
}

/** A path as people read it: relative where it lies below the working directory. */
export function shownPath(file: string): string {
  const folder = process.cwd()
  return contains(folder, file) ? path.relative(folder, file) : file
}

/** `1 file`, `2 files` */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}
