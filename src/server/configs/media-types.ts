import { contentType } from '../content-type.ts'

/** What web pages are made of; servers know other types than each other, and old ones few. */
const EXTENSIONS: readonly string[] = [
  'css csv htm html js json map md mjs txt vtt wasm webmanifest xml',
  'apng avif bmp gif ico jpeg jpg png svg webp',
  'eot otf ttf woff woff2',
  'aac m4a mp3 mp4 oga ogg ogv opus wav weba webm',
  'glb gltf gz pdf zip',
].flatMap(line => line.split(' '))

/** What a file is whose name does not say it. */
export const UNKNOWN_TYPE: string = contentType('file')

/** Each type with its extensions, sorted; those of texts have a `charset`. */
export function mediaTypes(): Map<string, string[]> {
  const types = new Map<string, string[]>()
  for (const extension of EXTENSIONS) {
    const type = contentType(`file.${extension}`)
    types.set(type, [...(types.get(type) ?? []), extension])
  }
  return new Map([...types].sort(([one], [other]) => (one < other ? -1 : 1)))
}
