import { lookup } from 'mrmime'
import { splitExtension } from '../base/names.ts'

/** Types that are in use on the web, but not in the table of MIME types that mrmime is built from. */
const MORE_TYPES: Readonly<Record<string, string>> = {
  '.eot': 'application/vnd.ms-fontobject',
  '.ico': 'image/x-icon',
  '.m3u8': 'application/vnd.apple.mpegurl',
}

const TEXT = /^(?:text\/|application\/(?:json|manifest\+json|xml)|image\/svg\+xml)/u

/** Returns the `Content-Type` that Vite sends, with the `charset` that every text on the web has. */
export function contentType(name: string): string {
  const type =
    lookup(name) ?? MORE_TYPES[splitExtension(name).extension.toLowerCase()] ?? 'application/octet-stream'
  return TEXT.test(type) ? `${type};charset=utf-8` : type
}
