import { lookup } from 'mrmime'
import { splitExtension } from '../base/names.ts'

/** What is in use on the web and not in the table of MIME types that mrmime is made of. */
const OTHERS: Readonly<Record<string, string>> = {
  '.eot': 'application/vnd.ms-fontobject',
  '.ico': 'image/x-icon',
  '.m3u8': 'application/vnd.apple.mpegurl',
}

const TEXT = /^(?:text\/|application\/(?:json|manifest\+json|xml)|image\/svg\+xml)/u

/** As Vite's own, with the encoding that every text on the web has. */
export function contentType(name: string): string {
  const type =
    lookup(name) ?? OTHERS[splitExtension(name).extension.toLowerCase()] ?? 'application/octet-stream'
  return TEXT.test(type) ? `${type};charset=utf-8` : type
}
