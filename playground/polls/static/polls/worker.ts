/// <reference lib="webworker" />

const ROUNDS = 2000

self.onmessage = (event: MessageEvent<number[]>) => {
  self.postMessage(margins(event.data))
}

/** The 95 % margin of each share, in percentage points, from polls drawn again out of the votes given. */
function margins(votes: readonly number[]): number[] {
  const total = votes.reduce((sum, count) => sum + count, 0)
  if (total === 0) return votes.map(() => 0)
  return votes.map(count => {
    const shares = Array.from({ length: ROUNDS }, () => drawAgain(count, total)).sort((a, b) => a - b)
    return (shares[Math.floor(ROUNDS * 0.975)]! - shares[Math.floor(ROUNDS * 0.025)]!) * 50
  })
}

function drawAgain(count: number, total: number): number {
  let hits = 0
  for (let i = 0; i < total; i++) if (Math.random() * total < count) hits++
  return hits / total
}
