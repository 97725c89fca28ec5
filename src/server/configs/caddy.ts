import { type Encoding, SUFFIXES } from '../../base/encodings.ts'
import { StaticFilesError } from '../../base/errors.ts'
import { HASHED_ENDING } from '../../base/names.ts'
import { mediaTypes, UNKNOWN_TYPE } from './media-types.ts'
import { block, cacheFor, IMMUTABLE, type Pages, type ServerConfig, siblingPattern } from './server-config.ts'

/**
 * Writes a Caddyfile: the part of a site that serves static files, or with a domain the whole site.
 * @throws StaticFilesError if Caddy cannot name a path
 */
export function caddyConfig(config: ServerConfig): string {
  const { pages, staticPath } = config
  const handlers = staticHandler(config)
  // A static handler for `/` matches every URL, so Django gets none.
  if (pages && staticPath !== '/') handlers.push('', ...pagesHandler(pages))
  const lines = pages?.domain === undefined ? handlers : block(quoted(pages.domain), handlers)
  return `# Written by \`staticfiles config caddy\`.\n${lines.join('\n')}\n`
}

/** Returns the handler for the static URL. It is a `route`, because Caddy sorts directives otherwise. */
function staticHandler(config: ServerConfig): string[] {
  const head = config.staticPath === '/' ? 'handle' : `handle_path ${quoted(`${config.staticPath}*`)}`
  return block(head, [
    `root * ${quoted(config.staticRoot)}`,
    ...block('map {http.request.uri.path.file.ext} {staticfiles_type}', typeLines()),
    ...block('route', [
      ...rejectionLines(config.encodings),
      '',
      ...headerLines(config),
      ...fileServer(config.encodings),
    ]),
  ])
}

function typeLines(): string[] {
  const lines = [...mediaTypes()].flatMap(([type, extensions]) => {
    return extensions.map(extension => `.${extension} ${quoted(type)}`)
  })
  return [...lines, `default ${UNKNOWN_TYPE}`]
}

const NOSNIFF = 'header X-Content-Type-Options nosniff'

function rejectionLines(encodings: readonly Encoding[]): string[] {
  return [
    NOSNIFF,
    '@other_method not method GET HEAD',
    'header @other_method Allow "GET, HEAD"',
    'respond @other_method 405',
    ...(encodings.length > 0 ? siblingRejection(encodings) : []),
    '# Folders are missing too.',
    '@missing not file',
    ...notFound('@missing'),
  ]
}

function siblingRejection(encodings: readonly Encoding[]): string[] {
  return [
    '# A sibling is not a file of its own if its original exists.',
    `@sibling path_regexp sibling ^${siblingPattern(encodings)}`,
    ...block('route @sibling', ['@original file {re.sibling.1}', ...notFound('@original')]),
  ]
}

/** Responds with a 404 that no cache keeps, because the next release may have the file. */
function notFound(matcher: string): string[] {
  return [`header ${matcher} Cache-Control no-store`, `respond ${matcher} "Not Found" 404`]
}

function headerLines(config: ServerConfig): string[] {
  return [
    `header Cache-Control "${cacheFor(config)}"`,
    ...(config.hash
      ? [`@hashed path_regexp ${HASHED_ENDING}`, `header @hashed Cache-Control "${IMMUTABLE}"`]
      : []),
    'header Content-Type {staticfiles_type}',
    'header Access-Control-Allow-Origin *',
  ]
}

function fileServer(encodings: readonly Encoding[]): string[] {
  if (encodings.length === 0) return ['file_server']
  const siblings = encodings.map(encoding => `{path}${SUFFIXES[encoding]}`)
  return [
    '# Caddy adds this by itself only to compressed responses.',
    `@negotiated file ${siblings.join(' ')}`,
    ...block('header @negotiated', ['Vary Accept-Encoding', 'defer']),
    ...block('file_server', [`precompressed ${encodings.join(' ')}`]),
  ]
}

function pagesHandler({ upstream, rootFiles }: Pages): string[] {
  const proxy = `reverse_proxy ${upstream.startsWith('unix:') ? upstream.replace(':', '/') : upstream}`
  if (rootFiles === undefined) return block('handle', [proxy])
  return block('handle', [
    `root * ${quoted(rootFiles)}`,
    '@root_file file',
    ...block('handle @root_file', ['file_server']),
    ...block('handle', [proxy]),
  ])
}

/**
 * Quotes a word if necessary.
 * @throws StaticFilesError if it has a brace, which Caddy reads as a placeholder
 */
function quoted(text: string): string {
  if (/[{}\p{Cc}]/u.test(text)) {
    const shown = JSON.stringify(text)
    throw new StaticFilesError(
      `Caddy cannot name ${shown}: it has a brace or a control character; rename the folder`,
    )
  }
  return /[\s"\\#`]/u.test(text) ? `"${text.replace(/["\\]/gu, String.raw`\$&`)}"` : text
}
