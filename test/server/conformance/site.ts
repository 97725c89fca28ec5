import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'
import { projectFolder } from '../../support/project.ts'

/** A project that was built, and what happened to its static root since. */
export interface BuiltSite {
  readonly project: string
  readonly staticRoot: string
  /** The URL of a name under its hashed name. */
  hashed(name: string): string
  /** The URL of a name as it is. */
  plain(name: string): string
  /** The bytes of a URL's file, or of the sibling with that suffix. */
  bytes(url: string, suffix?: string): Buffer
}

const STATIC_URL = '/static/'

/** A name that the build before wrote, and no manifest has any more. */
export const OLDER_RELEASE = 'css/site.cafe00cafe00.css'

/** A link to a file beside the static root. */
export const LINK_OUT = 'css/link.css'

const VITE_CONFIG = `
import { defineConfig } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
export default defineConfig({
  plugins: [staticfiles({ dirs: ['static'], entries: ['js/main.ts'] })],
  build: { sourcemap: true, emptyOutDir: false },
})
`

const RULES = Array.from({ length: 200 }, (_, rule) => `.rule-${rule} { color: #${rule * 1013}; }`).join('\n')

const FILES: Readonly<Record<string, string | Buffer>> = {
  'vite.config.js': VITE_CONFIG,
  [`staticfiles/${OLDER_RELEASE}`]: RULES,
  'secret.txt': 'a secret',
  'staticfiles-beside/secret.txt': 'a secret',
  'static/css/site.css': `${RULES}\n.logo { background: url(../img/logo.svg) }\n`,
  'static/css/tiny.css': 'a{}',
  'static/js/main.ts': `const text: string = 'hello'\nconsole.log(text, ${JSON.stringify(RULES)})\n`,
  'static/js/module.mjs': `export const rules = ${JSON.stringify(RULES)}\n`,
  'static/js/lib.0123456789ab.js': `globalThis.lib = ${JSON.stringify(RULES)}\n`,
  'static/img/logo.svg': `<svg xmlns="http://www.w3.org/2000/svg"><!-- ${RULES} --></svg>\n`,
  'static/img/photo.png': randomBytes(1000),
  'static/img/photo.avif': randomBytes(1000),
  'static/img/favicon.ico': randomBytes(1000),
  'static/video/clip.mp4': randomBytes(6_000_000),
  'static/fonts/text.woff2': randomBytes(1000),
  'static/wasm/code.wasm': randomBytes(1000),
  'static/site.webmanifest': JSON.stringify({ name: RULES }),
  'static/LICENSE': `${RULES}\n`,
  'static/archive.tar.gz': randomBytes(1000),
  'static/empty.txt': '',
  'static/docs/index.html': `<!doctype html><title>${RULES}</title>\n`,
  'static/odd/two words.txt': RULES,
  'static/odd/na\u00efve.txt': RULES,
  'static/odd/a+b.txt': RULES,
}

/** Builds the site beside a file of an older release, and adds a link that leads out. The caller removes the project. */
export async function buildSite(): Promise<BuiltSite> {
  const project = await projectFolder()
  for (const [name, content] of Object.entries(FILES)) {
    const file = path.join(project, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  await build({ root: project, configFile: path.join(project, 'vite.config.js'), logLevel: 'silent' })
  const staticRoot = path.join(project, 'staticfiles')
  symlinkSync('../../secret.txt', path.join(staticRoot, LINK_OUT))
  const manifest = JSON.parse(readFileSync(path.join(staticRoot, 'staticfiles.json'), 'utf8'))
  return {
    ...{ project, staticRoot },
    hashed: name => encodeURI(STATIC_URL + (manifest.paths[name] ?? `no hashed ${name}`)),
    plain: name => encodeURI(STATIC_URL + name),
    bytes: (url, suffix = '') => {
      return readFileSync(path.join(staticRoot, decodeURI(url.slice(STATIC_URL.length)) + suffix))
    },
  }
}
