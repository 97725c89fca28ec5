import { type Encoding, SUFFIXES } from '../../base/encodings.ts'
import { StaticFilesError } from '../../base/errors.ts'
import { HASHED_ENDING } from '../../base/names.ts'
import { mediaTypes, UNKNOWN_TYPE } from './media-types.ts'
import { block, cacheFor, IMMUTABLE, type Pages, type ServerConfig, siblingPattern } from './server-config.ts'

/**
 * A Caddyfile: the part of a site that is about static files, or with a domain the whole of it.
 * @throws StaticFilesError where Caddy cannot name a path
 */
export function caddyConfig(config: ServerConfig): string {
  const { pages, staticPath } = config
  const handlers = staticHandler(config)
  // A handler for everything leaves nothing to Django.
  if (pages && staticPath !== '/') handlers.push('', ...pagesHandler(pages))
  const lines = pages?.domain === undefined ? handlers : block(quoted(pages.domain), handlers)
  return `# Written by \`staticfiles config caddy\`.\n${lines.join('\n')}\n`
}

/** In a `route`, since Caddy would sort directives otherwise. */
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
    '# Folders too.',
    '@missing not file',
    ...notFound('@missing'),
  ]
}

function siblingRejection(encodings: readonly Encoding[]): string[] {
  return [
    '# A sibling is no file of its own where its original is there.',
    `@sibling path_regexp sibling ^${siblingPattern(encodings)}`,
    ...block('route @sibling', ['@original file {re.sibling.1}', ...notFound('@original')]),
  ]
}

/** The next release may have the file. */
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
    '# Caddy itself adds this only to what it sends compressed.',
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
 * A word, between quotes where it needs them.
 * @throws StaticFilesError where it has a brace: Caddy takes that for a placeholder
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
