import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pc from 'picocolors'
import { HASHED_ENDING } from '../../base/names.ts'
import { nearby } from '../../base/text/wording.ts'
import type { ResolvedOptions } from '../../options/resolve.ts'
import { caddyConfig } from '../../server/configs/caddy.ts'
import { headersFile, MOST_RULES } from '../../server/configs/headers-file.ts'
import { nginxConfig } from '../../server/configs/nginx.ts'
import type { Pages, ServerConfig } from '../../server/configs/server-config.ts'
import { Manifest } from '../../static-root/manifest/manifest.ts'
import { type Arguments, type Command, UsageError, wholeNumber } from '../arguments.ts'
import { readProject } from '../project.ts'

const SERVERS: Readonly<Record<string, (options: ResolvedOptions, given: Arguments) => string>> = {
  nginx: (options, given) => nginxConfig(configOf(options, given), { brotli: !given.has('no-brotli') }),
  caddy: (options, given) => caddyConfig(configOf(options, given)),
  headers: headersOf,
}

/** Writes the configuration of a web server that serves STATIC_ROOT. */
export const configCommand: Command = {
  name: 'config',
  takes: 'SERVER',
  summary: 'write the configuration of nginx or Caddy, or a _headers file',
  description:
    'Writes what a web server must know to serve STATIC_ROOT below STATIC_URL. SERVER is nginx, caddy, or headers, which is the _headers\n' +
    'file of Netlify and Cloudflare Pages. For nginx and Caddy it is the part about static files, to be included in what is there;\n' +
    'with --domain it is a whole site, with Django behind it.',
  flags: {
    output: { type: 'string', short: 'o', value: 'FILE', help: 'write to a file instead of the terminal' },
    domain: { type: 'string', value: 'NAME', help: 'a whole site of this name: example.com' },
    upstream: {
      type: 'string',
      value: 'ORIGIN',
      help: 'where Django listens: an origin, or unix:/run/gunicorn.sock; default: `proxy`, or http://127.0.0.1:8000',
    },
    'static-root': {
      type: 'string',
      value: 'FOLDER',
      help: 'where STATIC_ROOT lies on the server, if not where it lies here',
    },
    'root-files': {
      type: 'string',
      value: 'FOLDER',
      help: 'a folder of files for the top of the site: robots.txt',
    },
    'max-age': {
      type: 'string',
      value: 'SECONDS',
      help: 'how long names without a hash may be kept; default: 60',
    },
    'no-brotli': { type: 'boolean', help: 'for an nginx without ngx_brotli' },
  },
  async run(given) {
    const [server = '', ...more] = given.names
    const write = SERVERS[server]
    if (!write) throw UsageError.unknown(`there is no server '${server}'`, server, Object.keys(SERVERS))
    if (more.length > 0) throw new UsageError(`\`staticfiles config\` takes one server, not '${more[0]}' too`)
    const { options } = await readProject(given)
    const text = write(options, given)
    const output = given.value('output')
    if (output === undefined) process.stdout.write(text)
    else {
      const file = path.resolve(options.root, output)
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, text)
      if (given.verbosity >= 1) console.log(`${nearby(file)} is written`)
    }
    return true
  },
}

function headersOf({ staticPath, staticRoot, hash, keepUnhashed, manifest }: ResolvedOptions): string {
  const all = hash === 'name' && !keepUnhashed
  const hashed = all ? 'all' : hashedNames(path.resolve(staticRoot, manifest))
  const { text, rules } = headersFile({ staticPath, hashed })
  if (rules > MOST_RULES) {
    console.error(
      `${pc.yellow('warning')}: these are ${rules} rules, and Cloudflare Pages reads ${MOST_RULES}\n` +
        'With `keepUnhashed: false` all names are hashed, and one rule is enough.',
    )
  }
  return text
}

/**
 * Returns the hashed names in a manifest.
 * @throws StaticFilesError if the manifest is missing
 */
function hashedNames(manifest: string): string[] {
  return [...Manifest.load(manifest).paths.values()].filter(name => new RegExp(HASHED_ENDING, 'u').test(name))
}

function configOf(options: ResolvedOptions, given: Arguments): ServerConfig {
  return {
    staticPath: decodeURI(options.staticPath),
    staticRoot: path.resolve(options.root, given.value('static-root') ?? options.staticRoot),
    encodings: options.compression.encodings,
    hash: options.hash !== false,
    maxAge: wholeNumber(given, 'max-age') ?? 60,
    pages: pagesOf(options, given),
  }
}

/** Describes the pages of a whole site. A part about static files has none: the user's configuration serves the pages. */
function pagesOf({ root, proxy }: ResolvedOptions, given: Arguments): Pages | undefined {
  const [domain, upstream] = [domainOf(given.value('domain')), given.value('upstream')]
  const rootFiles = given.value('root-files')
  if (domain === undefined && upstream === undefined && rootFiles === undefined) return undefined
  return {
    domain,
    upstream: upstreamOf(upstream ?? proxy ?? 'http://127.0.0.1:8000'),
    rootFiles: rootFiles === undefined ? undefined : path.resolve(root, rootFiles),
  }
}

/** @throws UsageError if the value of `--domain` is not one name */
function domainOf(given: string | undefined): string | undefined {
  if (given === undefined || /^[\w.:/*-]+$/u.test(given)) return given
  throw new UsageError(`--domain takes one name, example.com, not '${given}'`)
}

/** @throws UsageError if the value of `--upstream` is neither an origin nor a socket */
function upstreamOf(given: string): string {
  if (/^(?:https?:\/\/[\w.[\]:-]+|unix:\/[^\s;:'"{}$]+)$/u.test(given)) return given
  throw new UsageError(`--upstream takes http://127.0.0.1:8000 or unix:/run/gunicorn.sock, not '${given}'`)
}
