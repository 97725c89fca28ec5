// What the benchmark shows, and where it writes it.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sizeOf } from './corpora.js'

const PAGE = path.resolve(import.meta.dirname, '../docs/performance.md')

/** Rows by name as a table; ratios are those to one of the rows. */
export function table(reference, rows) {
  const base = rows[reference]
  const lines = Object.entries(rows).map(([name, row]) => {
    const factor = base && row !== base ? `${(base.seconds / row.seconds).toFixed(1)}×` : ''
    const range = `${number(row.fastest)} to ${number(row.slowest)}`
    const cells = [
      `${number(row.seconds)} s`,
      range,
      `${number(row.cpu)} s`,
      percent(row.busy),
      megabytes(row.memory),
    ]
    return [name, ...cells, factor]
  })
  const heads = ['', 'median', 'range', 'processors', 'busy', 'peak memory', 'faster']
  return [heads, heads.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function number(value) {
  return value.toFixed(value < 10 ? 2 : 1)
}

function percent(share) {
  return `${Math.round(100 * share)} %`
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`
}

/** The bytes of all siblings that each run wrote, those of hard links counted each time. */
export function siblingBytes(rows) {
  const lines = Object.entries(rows).map(([name, { staticRoot }]) => {
    const [gzip, brotli] = ['.gz', '.br'].map(suffix => bytesOf(staticRoot, suffix))
    return gzip + brotli > 0
      ? `| ${name} | ${gzip.toLocaleString('en')} | ${brotli.toLocaleString('en')} |`
      : undefined
  })
  return ['| bytes of siblings | `.gz` | `.br` |', '| --- | ---: | ---: |', ...lines.filter(Boolean)].join(
    '\n',
  )
}

function bytesOf(folder, suffix) {
  return readdirSync(folder, { recursive: true })
    .filter(file => file.endsWith(suffix))
    .reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0)
}

export function describeProject(project) {
  const { files, bytes, apps } = sizeOf(project)
  return [`${files.toLocaleString('en')} files in ${apps} apps, ${megabytes(bytes)}:`]
}

/** Processor, Node and file system. */
export function describeMachine(folder) {
  const [type, device] = execFileSync('df', ['--output=fstype,source', folder], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .at(-1)
    .split(/\s+/u)
  const journal = type === 'ext4' ? `, ${isJournalled(device) ? 'with' : 'without'} a journal` : ''
  const cpus = os.cpus()
  return `${cpus.length} × ${cpus[0].model.trim()}, Node ${process.versions.node}, ${type}${journal}`
}

function isJournalled(device) {
  try {
    return readFileSync(`/proc/fs/ext4/${path.basename(device)}/options`, 'utf8').includes('data=')
  } catch {
    return false
  }
}

/** Prints a part, and puts it between its markers on the page where that has them. */
export function publish(name, parts) {
  const text = parts.join('\n\n')
  console.log(`\n## ${name}\n\n${text}`)
  const page = readFileSync(PAGE, 'utf8')
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from === -1 || to === -1) return
  writeFileSync(PAGE, `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`)
}
