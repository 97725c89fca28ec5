/** A size as people read it. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`
}

/** `1 file`, `1,200 files` */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}

/** The element of the page with an id. */
export function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind
}

/** A new element. */
export function node<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** A remark. */
export function note(text: string): HTMLElement {
  return node('p', { class: 'note' }, text)
}

/** Terms, and what is to be said of each. */
export function facts(rows: readonly (readonly [term: string, description: string | Node])[]): HTMLElement {
  return node('dl', {}, ...rows.flatMap(([term, text]) => [node('dt', {}, term), node('dd', {}, text)]))
}
