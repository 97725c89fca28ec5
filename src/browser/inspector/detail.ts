import type { FileDetail, Place } from '../../plugin/dev/inspector/shown.ts'
import { bytes, facts, node } from '../page/dom.ts'

/**
 * Makes the elements that show a file.
 * @param editorUrl the URL that opens the editor; the position is appended to it
 */
export function describeFile(file: FileDetail, editorUrl: string): HTMLElement[] {
  const editorLink = (place: Place, hasLine = true) => linkToEditor(place, editorUrl, hasLine)
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
    ...moduleTree(file, editorLink),
  ]
}

function describeSize({ size, siblings, builtName }: FileDetail): string {
  if (builtName !== undefined) return `${bytes(size)} of source`
  const compressed = Object.entries(siblings).map(
    ([suffix, length]) => `${suffix} ${bytes(length)} (−${Math.round(100 * (1 - length / size))} %)`,
  )
  return [bytes(size), ...(compressed.length > 0 ? compressed : ['not worth compressing'])].join(' · ')
}

function moduleTree(
  { modules = [] }: FileDetail,
  editorLink: (place: Place, hasLine: boolean) => HTMLElement,
): HTMLElement[] {
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

function nameLink(name: string): HTMLElement {
  return node('a', { href: `#${encodeURIComponent(name)}` }, name)
}

function linkToEditor(
  { source, shown, line, column }: Place,
  editorUrl: string,
  hasLine: boolean,
): HTMLElement {
  const place = hasLine ? `:${line}:${column}` : ''
  const href = editorUrl + encodeURIComponent(`${source}:${line}:${column}`)
  return node('a', { class: 'place', href, title: 'Open in the editor', 'data-editor': '' }, shown + place)
}
