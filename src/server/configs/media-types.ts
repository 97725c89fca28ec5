import { contentType } from '../content-type.ts'

/** The extensions that web pages use. Every server has a list of its own, and old servers know few types. */
const EXTENSIONS: readonly string[] = [
  'css csv htm html js json map md mjs txt vtt wasm webmanifest xml',
  'apng avif bmp gif ico jpeg jpg png svg webp',
  'eot otf ttf woff woff2',
  'aac m4a mp3 mp4 oga ogg ogv opus wav weba webm',
  'glb gltf gz pdf zip',
].flatMap(line => line.split(' '))

/** The type of a file with an unknown extension. */
export const UNKNOWN_TYPE: string = contentType('file')

/** Returns each type with its extensions, sorted; types of texts have a `charset`. */
export function mediaTypes(): Map<string, string[]> {
  const types = new Map<string, string[]>()
  for (const extension of EXTENSIONS) {
    const type = contentType(`file.${extension}`)
    types.set(type, [...(types.get(type) ?? []), extension])
  }
  return new Map([...types].sort(([one], [other]) => (one < other ? -1 : 1)))
}
