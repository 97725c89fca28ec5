import { splitExtension } from '../../base/names.ts'

const TYPES: Readonly<Record<string, readonly string[]>> = {
  Stylesheets: ['.css'],
  Scripts: ['.js', '.mjs', '.cjs', '.wasm'],
  Images: ['.png', '.jpg', '.jpeg', '.gif', '.svg', '.webp', '.avif', '.ico', '.bmp'],
  Fonts: ['.woff2', '.woff', '.ttf', '.otf', '.eot'],
  'Source maps': ['.map'],
  'Audio and video': ['.mp4', '.webm', '.mp3', '.ogg', '.wav', '.mov'],
  'Data and text': ['.json', '.txt', '.md', '.xml', '.html', '.csv', '.webmanifest'],
}

/** Returns what people call this kind of file. */
export function typeOf(name: string): string {
  const extension = splitExtension(name).extension.toLowerCase()
  return Object.keys(TYPES).find(type => TYPES[type]!.includes(extension)) ?? 'Other'
}
