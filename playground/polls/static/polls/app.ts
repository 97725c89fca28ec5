import ballotUrl from '/static/polls/ballot.png'
import { readVotes, showMargins, showShares } from './chart'
import './poll.css'

const form = document.querySelector<HTMLFormElement>('form[data-poll]')
if (form) {
  decorate(form)
  const choices = [...form.querySelectorAll<HTMLElement>('.choice')]
  showShares(choices)
  askWorker(readVotes(choices)).then(margins => showMargins(choices, margins))
}

const thanks = document.querySelector<HTMLElement>('.message[data-level="success"]')
if (thanks) import('./lazy').then(({ celebrate }) => celebrate(thanks))

function decorate(form: HTMLFormElement): void {
  const image = new Image(160, 124)
  image.className = 'ballot'
  image.alt = ''
  image.src = ballotUrl
  form.before(image)
}

function askWorker(votes: number[]): Promise<number[]> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  return new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<number[]>) => {
      resolve(event.data)
      worker.terminate()
    }
    worker.onerror = reject
    worker.postMessage(votes)
  })
}
