/** Vite's own pattern. It matches the whole id: the style of a component is `App.svelte?svelte&type=style&lang.css`. */
const STYLESHEET_ID = /\.(?:css|scss|sass|less|styl|stylus|pcss|postcss|sss)(?:$|\?)/iu

/** Whether Vite compiles a module as CSS, by its id or URL. */
export function isStylesheetId(id: string): boolean {
  return STYLESHEET_ID.test(id)
}
