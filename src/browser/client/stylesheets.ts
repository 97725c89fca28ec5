import { linksTo, mute, pathOf, preserve } from './links.ts'

/** The link that shows what another one, which stays where it is, has become. */
const successors = new Map<HTMLLinkElement, HTMLLinkElement>()

/** The ids of the modules whose styles stand for a linked stylesheet, by the stylesheet's path. */
const adopted = new Map<string, readonly string[]>()

/** Loads linked stylesheets again. The old one stays until the new one has loaded, so that nothing flashes. */
export function swapStylesheets(urls: readonly string[]): void {
  for (const url of urls.filter(each => !adopted.has(pathOf(each)))) {
    for (const link of linksTo(url)) if (!isSuccessor(link)) swap(link)
  }
}

/**
 * Puts a new link behind the old one, which stays without an effect: Turbo and others compare the links of two pages,
 * and load a page whole if one of them has changed.
 */
function swap(link: HTMLLinkElement): void {
  const before = successors.get(link)
  const next = link.cloneNode() as HTMLLinkElement
  for (const attribute of ['data-turbo-track', 'id']) next.removeAttribute(attribute)
  const url = new URL(link.href)
  url.searchParams.set('t', String(Date.now()))
  next.href = url.href
  preserve(next)
  successors.set(link, next)
  next.addEventListener('load', () => {
    mute(link)
    before?.remove()
  })
  next.addEventListener('error', () => {
    next.remove()
    if (successors.get(link) === next && before) successors.set(link, before)
  })
  ;(before ?? link).after(next)
}

function isSuccessor(link: HTMLLinkElement): boolean {
  return [...successors.values()].includes(link)
}

/**
 * Puts the styles that modules have added to the page behind the link to the same CSS, and mutes the link, so that the
 * order in the page decides, like in production.
 * @param url the path of the linked stylesheet
 * @param ids the modules that hold its parts, in their order
 */
export function adoptStyles(url: string, ids: readonly string[]): void {
  adopted.set(pathOf(url), ids)
  arrange()
}

/** Brings everything to its place: again if something has changed the page without loading it. */
function arrange(): void {
  const groups = [...adopted].flatMap(([path, ids]) => groupOf(path, ids) ?? [])
  // A style that two links hold stands behind the last, which decides.
  groups.sort((one, other) => (precedes(one.link, other.link) ? 1 : -1))
  const placed = new Set<Element>()
  for (const { link, styles } of groups) {
    const own = styles.filter(style => !placed.has(style))
    for (const style of own) placed.add(style)
    place(own, link)
  }
  for (const [link, next] of successors) {
    if (link.isConnected) continue
    successors.delete(link)
    next.remove()
  }
}

/** The first link to a stylesheet, and the styles that stand for it. */
interface Group {
  readonly link: HTMLLinkElement
  readonly styles: readonly HTMLStyleElement[]
}

/** Mutes the links to a stylesheet if there are styles for it. */
function groupOf(path: string, ids: readonly string[]): Group | undefined {
  const styles = ids.flatMap(id => styleOf(id) ?? [])
  const links = linksTo(path)
  const [link] = links
  if (link === undefined || styles.length === 0) return undefined
  for (const each of links) mute(each)
  return { link, styles }
}

function precedes(one: Node, other: Node): boolean {
  return (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
}

/** Puts styles behind a link, unless they stand there. */
function place(styles: readonly HTMLStyleElement[], link: HTMLLinkElement): void {
  for (const style of styles) if (style.media !== link.media) style.media = link.media
  const stand = styles.every((style, index) => style.previousElementSibling === (styles[index - 1] ?? link))
  if (!stand) link.after(...styles)
}

/** The styles of Vite that have been in the page: what changes the page may have removed them with its body. */
const seen = new Map<string, HTMLStyleElement>()

function styleOf(id: string): HTMLStyleElement | undefined {
  const found = document.querySelector<HTMLStyleElement>(`style[data-vite-dev-id="${CSS.escape(id)}"]`)
  if (found) seen.set(id, found)
  return seen.get(id)
}

/** Keeps things in their places while Turbo, htmx or Unpoly change the page. */
export function watchPage(): void {
  new MutationObserver(records => {
    for (const { target, removedNodes } of records) if (target === document.head) forget(removedNodes)
    const nodes = records.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes])
    const sheets = nodes.flatMap(sheetsIn)
    for (const sheet of sheets) if (sheet.matches('style[data-vite-dev-id]')) preserve(sheet)
    if (sheets.length > 0) arrange()
  }).observe(document, { childList: true, subtree: true })
}

/** Vite removes a style from the head if no module imports it any more. */
function forget(nodes: NodeList): void {
  for (const node of nodes) {
    const id = node instanceof HTMLStyleElement && !node.isConnected && node.dataset.viteDevId
    if (id) seen.delete(id)
  }
}

const SHEETS = 'style, link'

function sheetsIn(node: Node): Element[] {
  if (!(node instanceof Element)) return []
  return node.matches(SHEETS) ? [node] : [...node.querySelectorAll(SHEETS)]
}
