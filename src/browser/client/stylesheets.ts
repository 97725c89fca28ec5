const outdated = new WeakSet<HTMLLinkElement>()

/** Loads linked stylesheets again. The old one stays until the new one has loaded, so that nothing flashes. */
export function swapStylesheets(urls: readonly string[]): void {
  for (const url of urls) for (const link of linksTo(url)) swap(link)
}

function swap(link: HTMLLinkElement): void {
  const next = link.cloneNode() as HTMLLinkElement
  const url = new URL(link.href)
  url.searchParams.set('t', String(Date.now()))
  next.href = url.href
  outdated.add(link)
  for (const event of ['load', 'error']) next.addEventListener(event, () => link.remove(), { once: true })
  link.after(next)
}

/**
 * Replaces the link to a stylesheet by the styles that its modules have added to the page, so that the order in the page
 * decides, like in production.
 * @param url the path of the linked stylesheet
 * @param ids the modules that hold its parts, in their order
 */
export function adoptStyles(url: string, ids: readonly string[]): void {
  const styles = ids.flatMap(
    id => document.querySelector<HTMLStyleElement>(`style[data-vite-dev-id="${CSS.escape(id)}"]`) ?? [],
  )
  const [first, ...others] = linksTo(url)
  if (first === undefined || styles.length === 0) return
  for (const style of styles) style.media = first.media
  first.after(...styles)
  for (const link of [first, ...others]) link.remove()
}

function linksTo(url: string): HTMLLinkElement[] {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel~="stylesheet"][href]')
  const path = decoded(url)
  return [...links].filter(link => !outdated.has(link) && decoded(new URL(link.href).pathname) === path)
}

/** Decodes a path for comparison: Django encodes more letters in a URL than JavaScript. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
