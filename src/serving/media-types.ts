import { lookup } from 'mrmime'

/** What web pages are made of; servers know other types than each other, and old ones few. */
const EXTENSIONS: readonly string[] = [
  ...[
    'css',
    'csv',
    'htm',
    'html',
    'js',
    'json',
    'map',
    'md',
    'mjs',
    'txt',
    'vtt',
    'wasm',
    'webmanifest',
    'xml',
  ],
  ...['apng', 'avif', 'bmp', 'gif', 'ico', 'jpeg', 'jpg', 'png', 'svg', 'webp'],
  ...['eot', 'otf', 'ttf', 'woff', 'woff2'],
  ...['aac', 'm4a', 'mp3', 'mp4', 'oga', 'ogg', 'ogv', 'opus', 'wav', 'weba', 'webm'],
  ...['glb', 'gltf', 'gz', 'pdf', 'zip'],
]

/** What the library lacks. */
const MORE: Readonly<Record<string, string>> = {
  eot: 'application/vnd.ms-fontobject',
  ico: 'image/x-icon',
}

/** What a file is whose name does not say it. */
export const UNKNOWN_TYPE = 'application/octet-stream'

/** Each type with its extensions, sorted. */
export function mediaTypes(): Map<string, string[]> {
  const types = new Map<string, string[]>()
  for (const extension of EXTENSIONS) {
    const type = MORE[extension] ?? lookup(extension) ?? UNKNOWN_TYPE
    types.set(type, [...(types.get(type) ?? []), extension])
  }
  return new Map([...types].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** Whether the type takes a `charset`. */
export function isText(type: string): boolean {
  return type.startsWith('text/')
}
