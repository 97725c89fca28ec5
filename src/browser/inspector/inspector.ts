import type { FileDetail, FileSummary, Overview } from '../../plugin/dev/inspector/shown.ts'
import { bytes, element, facts, node, note } from '../page/dom.ts'
import { describeFile } from './detail.ts'

/** The number of rows to show: more help nobody, and take time. */
const MOST_ROWS = 300

const search = element<HTMLInputElement>('search')
const names = element('names')
const count = element('count')
const detail = element('detail')
let overview: Overview = { files: [], staticPath: '/static/', editorUrl: '' }

search.addEventListener('input', showNames)
for (const radio of radios()) radio.addEventListener('change', showNames)
window.addEventListener('hashchange', () => void showDetail())
document.addEventListener('keydown', onKey)
document.addEventListener('click', openInEditor)
void start()

async function start(): Promise<void> {
  try {
    overview = await load<Overview>('files.json')
    showNames()
    await showDetail()
  } catch (error) {
    count.textContent = ''
    detail.replaceChildren(
      node('h2', {}, 'The files cannot be read'),
      node('pre', {}, (error as Error).message),
    )
  }
}

async function load<Data>(url: string): Promise<Data> {
  const data = await (await fetch(url)).json()
  if (data.error !== undefined) throw new Error(data.error)
  return data
}

function showNames(): void {
  const found = overview.files.filter(file => matches(file, search.value.trim().toLowerCase()))
  names.replaceChildren(...found.slice(0, MOST_ROWS).map(nameRow))
  count.textContent = describeCount(found.length)
  markCurrent()
}

/** Whether a name matches the filter and has every word of the search. */
function matches(file: FileSummary, text: string): boolean {
  const shown = { all: true, broken: file.broken > 0, hiding: file.hides > 0, entries: file.isEntry }
  const show = radios().find(radio => radio.checked)?.value as keyof typeof shown
  const name = file.name.toLowerCase()
  return shown[show] && text.split(/\s+/).every(word => name.includes(word))
}

function describeCount(found: number): string {
  if (overview.files.length === 0) return 'There are no static files: the folders of dirs and apps are empty.'
  if (found === 0) return 'No name matches.'
  const text = found === 1 ? '1 name' : `${found.toLocaleString('en')} names`
  return found > MOST_ROWS ? `${text}, the first ${MOST_ROWS} shown` : text
}

function nameRow({ name, size, hides, broken, isEntry }: FileSummary): HTMLElement {
  const end = name.lastIndexOf('/') + 1
  return node(
    'li',
    {},
    node(
      'a',
      { href: `#${encodeURIComponent(name)}` },
      node('span', { class: 'name' }, node('span', { class: 'folder' }, name.slice(0, end)), name.slice(end)),
      ...(isEntry ? [node('span', { class: 'badge' }, 'entry')] : []),
      ...(hides > 0 ? [node('span', { class: 'badge' }, `hides ${hides}`)] : []),
      ...(broken > 0 ? [node('span', { class: 'badge alarm' }, `${broken} broken`)] : []),
      node('span', { class: 'size' }, bytes(size)),
    ),
  )
}

function currentName(): string {
  return decodeURIComponent(location.hash.slice(1))
}

function markCurrent(): void {
  for (const link of links()) {
    const isCurrent = link.hash === location.hash && location.hash !== ''
    link.removeAttribute('aria-current')
    if (!isCurrent) continue
    link.setAttribute('aria-current', 'true')
    link.scrollIntoView({ block: 'nearest' })
  }
}

async function showDetail(): Promise<void> {
  const name = currentName()
  markCurrent()
  document.title = name === '' ? 'Static files' : `${name} · Static files`
  if (name === '') return detail.replaceChildren(...welcome())
  const url = `file.json?name=${encodeURIComponent(name)}`
  const file = await load<FileDetail>(url).catch(() => undefined)
  // The user may have chosen another name meanwhile.
  if (name !== currentName()) return
  detail.replaceChildren(
    ...(file
      ? describeFile(file, overview.editorUrl)
      : [node('h2', {}, name), note('No finder has this name.')]),
  )
  detail.scrollTop = 0
}

function welcome(): HTMLElement[] {
  const { files } = overview
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const broken = files.reduce((sum, file) => sum + file.broken, 0)
  return [
    node('h2', {}, `${files.length.toLocaleString('en')} files, ${bytes(total)}`),
    note('Choose a name to see where it comes from, what it hides, and what refers to it.'),
    facts([
      ['Shadowing', `${files.filter(({ hides }) => hides > 0).length} names hide another file`],
      ['Broken', broken === 0 ? 'every reference leads to a file' : `${broken} references lead nowhere`],
      ['Keys', '/ searches, ↑ and ↓ move through the names, Enter opens, Esc goes back to the search'],
    ]),
  ]
}

/** Asks Vite's server to open the editor, without leaving the page. */
function openInEditor(event: MouseEvent): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-editor]')
  if (link === null) return
  event.preventDefault()
  void fetch(link.href)
}

function onKey(event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  if (event.key === '/' && document.activeElement !== search) focus(event, search)
  else if (event.key === 'Escape') focus(event, search)
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
    move(event, event.key === 'ArrowDown' ? 1 : -1)
  else if (event.key === 'Enter' && document.activeElement === search) links()[0]?.click()
}

/** Moves the focus from the search to the names, through them, and back. */
function move(event: KeyboardEvent, step: number): void {
  const all = links()
  const active = document.activeElement
  const index = all.indexOf(active as HTMLAnchorElement)
  if (active === search && step === 1) focus(event, all[0])
  else if (index !== -1) focus(event, index + step === -1 ? search : all[index + step])
}

function focus(event: KeyboardEvent, target: HTMLElement | undefined): void {
  event.preventDefault()
  target?.focus()
  if (target === search) search.select()
}

function links(): HTMLAnchorElement[] {
  return [...names.querySelectorAll('a')]
}

function radios(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('input[name=show]')]
}
