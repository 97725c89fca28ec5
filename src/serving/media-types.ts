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

const TEXT = /^(?:text\/|application\/(?:json|manifest\+json|xml)|image\/svg\+xml)/u

/** Each type with its extensions, sorted; those of texts have `charset=utf-8`. */
export function mediaTypes(): Map<string, string[]> {
  const types = new Map<string, string[]>()
  for (const extension of EXTENSIONS) {
    const type = lookup(extension) ?? MORE[extension] ?? UNKNOWN_TYPE
    const full = TEXT.test(type) ? `${type};charset=utf-8` : type
    types.set(full, [...(types.get(full) ?? []), extension])
  }
  return new Map([...types].sort(([one], [other]) => (one < other ? -1 : 1)))
}
