import type { Encoding } from '../../base/encodings.ts'
import { HASHED_ENDING } from '../../base/names.ts'
import { mediaTypes, UNKNOWN_TYPE } from './media-types.ts'
import { quoted, quotedPath, quotedRegex } from './nginx-syntax.ts'
import {
  block,
  cacheFor,
  escapeRegex,
  IMMUTABLE,
  type Pages,
  type ServerConfig,
  siblingPattern,
} from './server-config.ts'

/** The modules that this nginx has. */
export interface NginxModules {
  /** Whether ngx_brotli is among them. */
  readonly brotli: boolean
}

/**
 * Writes the configuration of nginx: locations for a `server { }`, or with a domain the whole block.
 * @throws StaticFilesError if nginx cannot name a path
 */
export function nginxConfig(config: ServerConfig, modules: NginxModules): string {
  const { pages, staticPath } = config
  const locations = staticLocation(config, modules)
  // A static location for `/` matches every URL, so Django gets none.
  if (pages && staticPath !== '/') locations.push('', ...pagesLocations(pages))
  const lines =
    pages?.domain === undefined
      ? locations
      : block('server', [
          ...['listen 80;', 'listen [::]:80;', `server_name ${quoted(pages.domain)};`, ''],
          ...locations,
        ])
  return `# Written by \`staticfiles config nginx\`.\n${lines.join('\n')}\n`
}

/**
 * Returns the location of the static URL. Both its path and its folder end in a slash: otherwise `/static../` leads out of
 * the folder. It is one location whose conditions only set or return, because a nested one would inherit neither headers
 * nor conditions.
 */
function staticLocation(config: ServerConfig, modules: NginxModules): string[] {
  return block(`location ^~ ${quoted(config.staticPath)}`, [
    `alias ${quotedPath(config.staticRoot, '/')};`,
    ...['sendfile on;', 'tcp_nopush on;', ''],
    ...encodingLines(config.encodings, modules),
    ...typeLines(),
    '',
    ...cacheLines(config),
    'add_header Access-Control-Allow-Origin "*";',
    ...[NOSNIFF, ''],
    '# A later date matches too, and several ranges get the whole file.',
    ...['if_modified_since before;', 'max_ranges 1;', ''],
    ...rejectionLines(config),
  ])
}

const NOSNIFF = 'add_header X-Content-Type-Options nosniff always;'

function encodingLines(encodings: readonly Encoding[], { brotli }: NginxModules): string[] {
  if (encodings.length === 0) return []
  const directives: Record<Encoding, string[]> = {
    br: brotli ? ['brotli_static on;  # ngx_brotli; without that module: --no-brotli'] : [],
    gzip: ['gzip_static on;'],
    zstd: ['# zstd_static on;  # zstd-nginx-module'],
  }
  return [
    '# Serves the siblings, to proxies and CDNs too, and compresses nothing itself.',
    ...encodings.flatMap(encoding => directives[encoding]),
    ...['gzip_vary on;', 'gzip_proxied any;', 'gzip_http_version 1.0;', 'gzip off;', ''],
  ]
}

/** Returns all media types: the types of a location replace those of the server. */
function typeLines(): string[] {
  const types = [...mediaTypes()].map(([type, extensions]) => ({
    type,
    name: type.split(';')[0]!,
    extensions,
  }))
  const texts = types.filter(({ type }) => type.includes('charset')).map(({ name }) => name)
  return [
    ...block(
      'types',
      types.map(({ name, extensions }) => `${name} ${extensions.join(' ')};`),
    ),
    `default_type ${UNKNOWN_TYPE};`,
    'charset utf-8;',
    // nginx always has text/html in this list, and warns about a duplicate.
    `charset_types ${texts.filter(name => name !== 'text/html').join(' ')};`,
  ]
}

function cacheLines(config: ServerConfig): string[] {
  if (!config.hash) return [`add_header Cache-Control "${cacheFor(config)}";`]
  return [
    `set $staticfiles_cache "${cacheFor(config)}";`,
    ...block(`if ($uri ~ ${quotedRegex(HASHED_ENDING)})`, [`set $staticfiles_cache "${IMMUTABLE}";`]),
    'add_header Cache-Control $staticfiles_cache;',
  ]
}

function rejectionLines({ staticPath, staticRoot, encodings }: ServerConfig): string[] {
  return [
    ...block('if ($request_method !~ "^(?:GET|HEAD)$")', [
      ...['add_header Allow "GET, HEAD" always;', NOSNIFF, 'return 405;'],
    ]),
    ...(encodings.length > 0 ? siblingRejection(staticPath, staticRoot, encodings) : []),
    '# Folders are missing too; nginx would redirect to them.',
    ...block('if (!-f $request_filename)', MISSING),
  ]
}

/** Returns 404, which no cache keeps, because the next release may have the file. */
const MISSING = ['add_header Cache-Control no-store always;', NOSNIFF, 'return 404;']

function siblingRejection(staticPath: string, staticRoot: string, encodings: readonly Encoding[]): string[] {
  const pattern = `^${escapeRegex(staticPath)}${siblingPattern(encodings)}`
  return [
    '# A sibling is not a file of its own if its original exists.',
    'set $staticfiles_original "";',
    ...block(`if ($uri ~ ${quotedRegex(pattern)})`, [
      `set $staticfiles_original ${quotedPath(staticRoot, '/$1')};`,
    ]),
    ...block('if (-f $staticfiles_original)', MISSING),
  ]
}

/** Returns the locations of all other URLs: root files, and Django for what is not among them. */
function pagesLocations({ upstream, rootFiles }: Pages): string[] {
  const proxy = [
    `proxy_pass ${upstream.startsWith('unix:') ? `http://${upstream}` : upstream};`,
    'proxy_set_header Host $http_host;',
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
  ]
  if (rootFiles === undefined) return block('location /', proxy)
  return [
    ...block('location /', [`root ${quotedPath(rootFiles)};`, 'try_files $uri @django;']),
    '',
    ...block('location @django', proxy),
  ]
}
