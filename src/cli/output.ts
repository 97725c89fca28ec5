/** How much fits into a small terminal with room for the prompt, in lines. */
const SCREEN = 40

/** Cuts lines out of a text that is longer than the screen. */
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
