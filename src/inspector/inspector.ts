import type { FileDetail, FileSummary, Overview, Place } from './data.ts'

/** More rows help nobody, and cost time. */
const SHOWN = 300

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
  const found = overview.files.filter(file => isAsked(file, search.value.trim().toLowerCase()))
  names.replaceChildren(...found.slice(0, SHOWN).map(nameRow))
  count.textContent = describeCount(found.length)
  markCurrent()
}

/** Every word of the search has to be in the name. */
function isAsked(file: FileSummary, text: string): boolean {
  const shown = { all: true, broken: file.broken > 0, hiding: file.hides > 0, entries: file.isEntry }
  const show = radios().find(radio => radio.checked)?.value as keyof typeof shown
  const name = file.name.toLowerCase()
  return shown[show] && text.split(/\s+/).every(word => name.includes(word))
}

function describeCount(found: number): string {
  if (overview.files.length === 0) return 'There are no static files: the folders of dirs and apps are empty.'
  if (found === 0) return 'No name matches.'
  const of = found === 1 ? '1 name' : `${found.toLocaleString('en')} names`
  return found > SHOWN ? `${of}, the first ${SHOWN} shown` : of
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
  // Another may have been chosen meanwhile.
  if (name !== currentName()) return
  detail.replaceChildren(
    ...(file ? describeFile(file) : [node('h2', {}, name), note('No finder has this name.')]),
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

function describeFile(file: FileDetail): HTMLElement[] {
  return [
    node('h2', {}, file.name),
    node('p', {}, editorLink(file.place, false)),
    facts([
      ['Location', file.location],
      ['URL', node('a', { href: file.url, target: '_blank' }, file.url)],
      ['Size', describeSize(file)],
      ...(file.builtName ? [['Built as', file.builtName] as const] : []),
    ]),
    ...section('Broken references', file.broken, each => [node('code', {}, each.url), editorLink(each)]),
    ...section('Hides', file.hides, each => [
      editorLink(each, false),
      node('span', { class: 'note' }, each.identical ? 'the same bytes' : 'other content'),
    ]),
    ...section('Refers to', file.references, each => [nameLink(each.name), editorLink(each)]),
    ...section('Referred to by', file.referencedBy, each => [nameLink(each.name), editorLink(each)]),
    ...section('Named in templates', file.templates, each => [editorLink(each)]),
    ...moduleTree(file),
  ]
}

function describeSize({ size, siblings, builtName }: FileDetail): string {
  if (builtName !== undefined) return `${bytes(size)} of source`
  const compressed = Object.entries(siblings).map(
    ([suffix, length]) => `${suffix} ${bytes(length)} (−${Math.round(100 * (1 - length / size))} %)`,
  )
  return [bytes(size), ...(compressed.length > 0 ? compressed : ['not worth compressing'])].join(' · ')
}

function moduleTree({ modules = [] }: FileDetail): HTMLElement[] {
  if (modules.length === 0) return []
  const rows = modules.map(({ depth, shown, source, isStylesheet }) =>
    node(
      'li',
      { class: `depth-${Math.min(depth, 4)}` },
      source === undefined
        ? node('span', { class: 'place' }, shown)
        : editorLink({ source, shown, line: 1, column: 1 }, false),
      ...(isStylesheet ? [node('span', { class: 'badge' }, 'CSS')] : []),
    ),
  )
  return [node('h3', {}, 'Modules'), node('ul', { class: 'tree' }, ...rows)]
}

function section<Item>(
  title: string,
  items: readonly Item[],
  describe: (item: Item) => Node[],
): HTMLElement[] {
  if (items.length === 0) return []
  return [node('h3', {}, title), node('ul', {}, ...items.map(item => node('li', {}, ...describe(item))))]
}

function facts(rows: readonly (readonly [term: string, description: string | Node])[]): HTMLElement {
  return node('dl', {}, ...rows.flatMap(([term, text]) => [node('dt', {}, term), node('dd', {}, text)]))
}

function note(text: string): HTMLElement {
  return node('p', { class: 'note' }, text)
}

function nameLink(name: string): HTMLElement {
  return node('a', { href: `#${encodeURIComponent(name)}` }, name)
}

function editorLink({ source, shown, line, column }: Place, hasLine = true): HTMLElement {
  const place = hasLine ? `:${line}:${column}` : ''
  const href = overview.editorUrl + encodeURIComponent(`${source}:${line}:${column}`)
  return node('a', { class: 'place', href, title: 'Open in the editor', 'data-editor': '' }, shown + place)
}

/** Vite's server opens the editor; the page stays. */
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

/** From the search into the names, through them, and back. */
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

function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`
}

function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind
}

function node<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}
