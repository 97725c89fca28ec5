import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LOADS } from './loads.js'
import { CORES, SERVERS } from './servers.js'
import { median } from './wrk.js'

const PAGE = path.resolve(import.meta.dirname, '../../docs/serving.md')
const [START, END] = ['<!-- `npm run bench:serve` writes this -->', '<!-- until here -->']

/** Writes the figures into the page, over those that are there. */
export function writeReport(results) {
  const page = readFileSync(PAGE, 'utf8')
  const start = page.indexOf(START) + START.length
  const parts = [
    machine(),
    ...rateTables(results),
    ...(results.handler ? [handlerTable(results.handler)] : []),
    ...(results.start ? [startTable(results.start)] : []),
  ]
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
    const rows = Object.keys(LOADS).filter(load => results[`${load} ${key}`])
    if (rows.length === 0) return []
    const table = (what, show) =>
      rateTable(what, rows, load => name => show(compare(results[`${load} ${key}`], name), name))
    return [
      table(`${title}: requests a second`, ({ rate, rateRatio }, name) =>
        shown(Math.round(rate).toLocaleString('en-US'), rateRatio, name),
      ),
      table(`${title}: CPU µs a request`, ({ cpu, cpuRatio }, name) => shown(cpu.toFixed(0), cpuRatio, name)),
      besideNginx(results, key, rows),
    ]
  })
}

function shown(value, ratio, name) {
  return name === 'ours' ? `**${value}**` : `${value} (${ratio.toFixed(2)})`
}

function rateTable(title, loads, cellsOf) {
  const names = Object.keys(SERVERS)
  const head = [title, ...names.map(name => SERVERS[name].title)]
  return tableOf([head, ...loads.map(load => [LOADS[load].title, ...names.map(cellsOf(load))])])
}

function tableOf([head, ...rows]) {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** How fast WhiteNoise is beside nginx, as its own documentation speaks of it. */
function besideNginx(results, key, loads) {
  const ratios = loads.map(load => {
    const { whitenoise, nginx } = results[`${load} ${key}`]
    return `${LOADS[load].title} ${median(whitenoise.map(({ rate }, round) => rate / nginx[round].rate)).toFixed(3)}`
  })
  return `WhiteNoise reaches of nginx's requests a second: ${ratios.join(', ')}.`
}

function handlerTable(results) {
  const rows = Object.entries(results).map(([load, rounds]) => {
    const cpu = listener => median(rounds.map(round => round[listener].cpu)).toFixed(1)
    const ratios = listener => rounds.map(round => round[listener].rate / round.constant.rate)
    const again = ratios('again')
    const range = [Math.min(...again), median(again), Math.max(...again)].map(ratio => ratio.toFixed(2))
    return [
      LOADS[load].title,
      ...['constant', 'ours'].map(cpu),
      median(ratios('ours')).toFixed(2),
      `${range[1]} (${range[0]} to ${range[2]})`,
    ]
  })
  return tableOf([
    [
      'In one process',
      'constant answer: CPU µs',
      'this: CPU µs',
      'requests a second, this / constant',
      'constant again / constant',
    ],
    ...rows,
  ])
}

/** Medians of a server's rounds, and of its ratios to ours in the same round: above 1 ours is better. */
export function compare(rounds, name) {
  const pairs = rounds[name].map((it, round) => [rounds.ours[round], it])
  return {
    rate: median(rounds[name].map(({ rate }) => rate)),
    rateRatio: median(pairs.map(([ours, it]) => ours.rate / it.rate)),
    cpu: median(rounds[name].map(({ cpu }) => cpu)),
    cpuRatio: median(pairs.map(([ours, it]) => it.cpu / ours.cpu)),
  }
}

function startTable({ files, ours, whitenoise, memory, commandMemory }) {
  const time = values => `${Math.round(median(values))} ms`
  const grown = measured =>
    measured
      .map(({ requests, bytes }) => `${Math.round(bytes / 1e6)} MB after ${requests.toLocaleString('en-US')}`)
      .join(', ')
  return [
    `With ${files.toLocaleString('en-US')} files under two names each:`,
    '',
    '| | this | WhiteNoise |',
    '| --- | --- | --- |',
    `| Start, without that of Node or Django | ${time(ours)} | ${time(whitenoise)} |`,
    `| Memory (RSS) of a \`node:http\` server with the handler | ${grown(memory)} | |`,
    `| Memory (RSS) of \`staticfiles serve FOLDER\` | ${grown(commandMemory)} | |`,
  ].join('\n')
}
