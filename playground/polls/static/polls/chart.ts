export function readVotes(choices: readonly HTMLElement[]): number[] {
  return choices.map(choice => Number(choice.dataset.votes))
}

export function showShares(choices: readonly HTMLElement[]): void {
  const votes = readVotes(choices)
  const total = votes.reduce((sum, count) => sum + count, 0)
  choices.forEach((choice, i) => {
    const share = total === 0 ? 0 : votes[i]! / total
    setText(choice, '.choice__share', share.toLocaleString('en', { style: 'percent' }))
  })
}

/** Shows each share's margin of error, given in percentage points. */
export function showMargins(choices: readonly HTMLElement[], margins: readonly number[]): void {
  choices.forEach((choice, i) => {
    setText(choice, '.choice__margin', `± ${margins[i]!.toFixed(1)} points`)
  })
}

function setText(choice: HTMLElement, selector: string, text: string): void {
  const element = choice.querySelector(selector)
  if (element) element.textContent = text
}
