/** Vite's own question. The whole id is asked: the style of a component is `App.svelte?svelte&type=style&lang.css`. */
const STYLESHEET_ID = /\.(?:css|scss|sass|less|styl|stylus|pcss|postcss|sss)(?:$|\?)/iu

/** Whether Vite compiles the module of an id, or of a URL, as CSS. */
export function isStylesheetId(id: string): boolean {
  return STYLESHEET_ID.test(id)
}
