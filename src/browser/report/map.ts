import { type HierarchyRectangularNode, hierarchy, treemap } from 'd3-hierarchy'
import type { ReportedFile } from '../../build/report/report.ts'
import { bytes, counted, element, node } from '../page/dom.ts'

/** The height of a group's title, in pixels. */
const TITLE = 20

interface Branch {
  readonly name: string
  /** The size of a file, in bytes. */
  readonly size?: number
  readonly children?: readonly Branch[]
}

/** Shows a treemap of all files; a click on a group makes it fill the map. */
export function showMap(files: readonly ReportedFile[]): void {
  new TreeMap(files).show()
}

class TreeMap {
  readonly #files: readonly ReportedFile[]
  readonly #map = element('map')
  #opened: string | undefined

  constructor(files: readonly ReportedFile[]) {
    this.#files = files
  }

  /** Draws the map, and draws it again whenever what it shows or its size changes. */
  show(): void {
    for (const input of document.querySelectorAll('input[type=radio]')) {
      input.addEventListener('change', () => {
        if ((input as HTMLInputElement).name === 'group') this.#opened = undefined
        this.#draw()
      })
    }
    document.addEventListener('keydown', event => {
      if (event.key === 'Escape' && this.#opened !== undefined) this.#open(undefined)
    })
    addEventListener('resize', () => this.#draw())
    this.#draw()
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#map
    const root = hierarchy<Branch>({ name: '', children: this.#shownGroups() })
      .sum(({ size = 0 }) => size)
      .sort((one, other) => (other.value ?? 0) - (one.value ?? 0))
    const layout = treemap<Branch>()
      .size([width, height])
      .paddingTop(each => (each.depth === 1 ? TITLE : 0))
      .round(true)
    const cells = layout(root)
      .descendants()
      .filter(each => each.depth > 0 && isVisible(each))
    const total = root.value || 1
    this.#map.replaceChildren(
      ...cells.map(cell => {
        const made = cell.children ? this.#groupCell(cell) : fileCell(cell, total)
        return placed(made, titleOf(cell), { width, height })
      }),
    )
    this.#showTrail()
  }

  #shownGroups(): Branch[] {
    const [group, measure] = [chosen('group') as 'location' | 'type', chosen('measure') as 'raw']
    const groups = groupsOf(this.#files, group, measure)
    return this.#opened === undefined ? groups : groups.filter(({ name }) => name === this.#opened)
  }

  /** Opens a group, or shows all of them again; the focus moves to the button that undoes this. */
  #open(group: string | undefined): void {
    const previous = this.#opened
    this.#opened = group
    this.#draw()
    const buttons = [...this.#map.querySelectorAll<HTMLElement>('.group')]
    const focused =
      group === undefined
        ? (buttons.find(({ dataset }) => dataset.name === previous) ?? buttons[0])
        : element('trail').querySelector('button')
    focused?.focus()
  }

  #groupCell(cell: HierarchyRectangularNode<Branch>): HTMLElement {
    const { name } = cell.data
    const label = `${name}: ${bytes(cell.value ?? 0)}, ${counted(cell.leaves().length, 'file')}`
    const attributes = {
      class: 'group',
      type: 'button',
      title: label,
      'aria-label': label,
      'data-name': name,
    }
    const button = node('button', attributes, label)
    button.addEventListener('click', () => this.#open(this.#opened === undefined ? name : undefined))
    return button
  }

  #showTrail(): void {
    const all = node('button', { type: 'button' }, 'All files')
    all.addEventListener('click', () => this.#open(undefined))
    const opened = this.#opened
    const items =
      opened === undefined ? [] : [node('li', {}, all), node('li', { 'aria-current': 'true' }, opened)]
    element('trail').replaceChildren(...items)
  }
}

function chosen(name: string): string {
  return document.querySelector<HTMLInputElement>(`input[name=${name}]:checked`)!.value
}

function groupsOf(
  files: readonly ReportedFile[],
  group: 'location' | 'type',
  measure: 'raw' | 'gzip' | 'brotli',
): Branch[] {
  const groups = new Map<string, Branch[]>()
  for (const file of files) {
    const members = groups.get(file[group]) ?? []
    members.push({ name: file.name, size: file[measure] })
    groups.set(file[group], members)
  }
  return [...groups].map(([name, children]) => ({ name, children }))
}

/** The smallest cell to show, in pixels: nobody can point at smaller ones, and thousands of them are slow. */
const VISIBLE = 3

function isVisible(cell: HierarchyRectangularNode<Branch>): boolean {
  return cell.x1 - cell.x0 >= VISIBLE && cell.y1 - cell.y0 >= VISIBLE
}

function fileCell(cell: HierarchyRectangularNode<Branch>, total: number): HTMLElement {
  const { name, size = 0 } = cell.data
  const share = ((100 * size) / total).toFixed(1)
  const title = `${name}\n${bytes(size)}, ${share} %`
  // A cell without room for a name has none for a margin either, and would overlap its neighbours.
  const isNamed = cell.x1 - cell.x0 > 40 && cell.y1 - cell.y0 > 16
  const made = node('div', { title, class: isNamed ? 'named' : '' }, isNamed ? basename(name) : '')
  made.style.background = `hsl(${hueOf(name)} 45% 74%)`
  return made
}

function basename(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** Returns the hue of a file: files with the same extension have the same colour. */
function hueOf(name: string): number {
  const extension = name.slice(name.lastIndexOf('.') + 1)
  const hues: Record<string, number> = {
    css: 210,
    js: 45,
    mjs: 45,
    map: 30,
    svg: 150,
    png: 165,
    woff2: 280,
    woff: 290,
  }
  return hues[extension] ?? [...extension].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7)
}

type Rectangle = Pick<HierarchyRectangularNode<Branch>, 'x0' | 'x1' | 'y0' | 'y1'>

/** Returns the rectangle of a file, or of a group's title, which is above the group's files. */
function titleOf({ children, x0, x1, y0, y1 }: HierarchyRectangularNode<Branch>): Rectangle {
  return { x0, x1, y0, y1: children ? Math.min(y1, y0 + TITLE) : y1 }
}

/** Places a cell in percent of the map, so that the map keeps its shape in another size: on paper, or while a window is resized. */
function placed(
  made: HTMLElement,
  { x0, x1, y0, y1 }: Rectangle,
  { width, height }: { width: number; height: number },
): HTMLElement {
  const share = (part: number, whole: number) => `${(100 * part) / whole}%`
  Object.assign(made.style, {
    left: share(x0, width),
    top: share(y0, height),
    width: share(x1 - x0, width),
    height: share(y1 - y0, height),
  })
  return made
}
