import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LOADS } from './loads.js'
import { CORES, SERVERS } from './servers.js'

const PAGE = path.resolve(import.meta.dirname, '../../docs/serving.md')
const [START, END] = ['<!-- `npm run bench:serve` writes this -->', '<!-- until here -->']

/** Writes the figures into the page, in the place of those that are there. */
export function writeReport(results) {
  const page = readFileSync(PAGE, 'utf8')
  const start = page.indexOf(START) + START.length
  const parts = [machine(), ...rateTables(results), ...(results.start ? [startTable(results.start)] : [])]
  writeFileSync(
    PAGE,
    `${page.slice(0, start)}\n\n${parts.join('\n\n')}\n\n${page.slice(page.indexOf(END, start))}`,
  )
}

function machine() {
  const { stderr } = spawnSync('/usr/sbin/nginx', ['-v'], { encoding: 'utf8' })
  const nginx = /[\d.]+\d/.exec(stderr)?.[0]
  return `${CORES} cores, Node ${process.versions.node}, nginx ${nginx}.`
}

function rateTables(results) {
  return [
    ['one', 'One process'],
    ['cores', `One process a core (${CORES})`],
  ].flatMap(([key, title]) => {
    const rows = Object.entries(LOADS).filter(([load]) => results[`${load} ${key}`])
    return rows.length > 0
      ? [
          rateTable(
            title,
            rows.map(([load, { title: what }]) => [what, results[`${load} ${key}`]]),
          ),
        ]
      : []
  })
}

function rateTable(title, rows) {
  const names = Object.keys(SERVERS)
  const head = [title, ...names.map(name => SERVERS[name].title)]
  return [
    head,
    head.map(() => '---'),
    ...rows.map(([what, rates]) => [what, ...names.map(name => cell(rates, name))]),
  ]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function cell(rates, name) {
  const rate = Math.round(median(rates[name])).toLocaleString('en-US')
  if (name === 'ours') return `**${rate}**`
  return `${rate} (${median(rates.ours.map((ours, round) => ours / rates[name][round])).toFixed(2)})`
}

function startTable({ files, ours, whitenoise, memory }) {
  const shown = values => `${Math.round(median(values))} ms`
  const grown = memory.map(
    ({ requests, bytes }) => `${Math.round(bytes / 2 ** 20)} MiB after ${requests.toLocaleString('en-US')}`,
  )
  return [
    `With ${files.toLocaleString('en-US')} files under two names each:`,
    '',
    '| | this | WhiteNoise |',
    '| --- | --- | --- |',
    `| Start, without that of Node or Django | ${shown(ours)} | ${shown(whitenoise)} |`,
    `| Memory (RSS), after requests for all of them in turn | ${grown.join(', ')} | |`,
  ].join('\n')
}

export function median(values) {
  return values.toSorted((one, other) => one - other)[values.length >> 1]
}
