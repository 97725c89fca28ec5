/** Writes a size for people. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`
}

/** Writes a number with its noun: `1 file`, `1,200 files`. */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`
}

/** Returns the element with an id. */
export function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind
}

/** Creates an element. */
export function node<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value)
  created.append(...children)
  return created
}

/** Creates a paragraph with a remark. */
export function note(text: string): HTMLElement {
  return node('p', { class: 'note' }, text)
}

/** Creates a list of terms with their descriptions. */
export function facts(rows: readonly (readonly [term: string, description: string | Node])[]): HTMLElement {
  return node('dl', {}, ...rows.flatMap(([term, text]) => [node('dt', {}, term), node('dd', {}, text)]))
}
