/** The links of the page to a stylesheet, by its path. */
export function linksTo(url: string): HTMLLinkElement[] {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel~="stylesheet"][href]')
  const path = pathOf(url)
  return [...links].filter(link => pathOf(link.href) === path)
}

/** The decoded path of a URL: Django encodes more letters than JavaScript does. */
export function pathOf(url: string): string {
  const { pathname } = new URL(url, location.href)
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

const muted = new WeakSet<HTMLLinkElement>()

/**
 * Takes a link's effect away, for good. The element and its attributes stay as the page has them: `disabled` of its sheet, unlike its
 * own, is not an attribute.
 */
export function mute(link: HTMLLinkElement): void {
  if (link.sheet) link.sheet.disabled = true
  if (muted.has(link)) return
  muted.add(link)
  // It loads again each time that it comes into the page.
  link.addEventListener('load', () => {
    if (link.sheet) link.sheet.disabled = true
  })
}

/** Asks what merges the heads of two pages (htmx, idiomorph) to leave an element in. */
export function preserve(element: Element): void {
  for (const attribute of ['hx-preserve', 'im-preserve']) element.setAttribute(attribute, 'true')
}
