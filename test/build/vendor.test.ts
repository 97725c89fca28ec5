import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { init } from 'es-module-lexer'
import { build, createLogger, resolveConfig } from 'vite'
import { staticfiles } from 'vite-plugin-staticfiles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lightningTargets } from '../../src/plugin/css-targets.ts'
import { type CssToken, cssTokens } from '../support/css-tokens.ts'
import { scriptUrls, stylesheetUrls } from '../support/emitted-references.ts'
import { lostRules, rulesOf } from '../support/stylesheet-rules.ts'
import { vendorPackages } from '../support/vendor.ts'

/** What a build made of all packages, each below a prefix of its name. */
interface Site {
  readonly staticRoot: string
  /** What the build said. */
  readonly report: string
  /** Names with their hashed names. */
  readonly paths: ReadonlyMap<string, string>
  readonly hashedNames: ReadonlySet<string>
}

const HEADLESS = 'http://static.test/'
const root = mkdtempSync(path.join(tmpdir(), 'vendor-'))
let dirs: [string, string][]

beforeAll(async () => {
  dirs = vendorPackages()
  await init
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe.each(['lightningcss', 'preserve'] as const)('packages from npm, built with `css: %j`', css => {
  let site: Site

  beforeAll(async () => {
    site = await buildSite(css)
  })

  it('are collected whole', () => {
    expect(site.paths.size).toBeGreaterThan(9000)
    const missing = [...site.paths].flat().filter(name => !existsSync(path.join(site.staticRoot, name)))
    expect(missing).toEqual([])
  })

  it('have no reference that leads nowhere, unless it is reported', () => {
    const problems: string[] = []
    let count = 0
    for (const [name, hashedName] of textFiles(site, /\.(?:css|m?js)$/)) {
      const text = read(site, hashedName)
      const urls = name.endsWith('.css') ? stylesheetUrls(text) : scriptUrls(text)
      for (const url of urls) if (!isFine(site, name, hashedName, url)) problems.push(`${name}: ${url}`)
      count += urls.size
    }
    console.info(`${css}: ${count} references`)
    expect(problems).toEqual([])
    expect(count).toBeGreaterThan(3000)
  })

  it('lose no rule of any stylesheet', async () => {
    const targets = css === 'lightningcss' ? await viteTargets() : undefined
    const lost: string[] = []
    for (const [name, hashedName] of textFiles(site, /\.css$/)) {
      const [source, result] = [readFileSync(sourceOf(name), 'utf8'), read(site, hashedName)]
      if (source === result) continue
      lost.push(...lostRules(rulesOf(source), rulesOf(result), targets).map(rule => `${name}: ${rule}`))
    }
    expect(lost).toEqual([])
  })

  it('say which stylesheets are not minified', () => {
    const [, count = '0'] = /(\d+) stylesheets? rewritten, but not minified/.exec(site.report) ?? []
    console.info(`${css}: ${count} stylesheets fell back\n${site.report.split('\n').slice(-8).join('\n')}`)
    expect(Number(count) > 0).toBe(css === 'lightningcss')
  })

  it.runIf(css === 'preserve')('have the tokens of their sources, but for the URLs', () => {
    for (const [name, hashedName] of textFiles(site, /\.css$/)) {
      const [source, result] = [readFileSync(sourceOf(name), 'utf8'), read(site, hashedName)]
      if (source === result) continue
      const before = unhashedTokens(source)
      const after = unhashedTokens(result)
      const first = before.findIndex((token, index) => token !== after[index])
      expect(after[first], `${name}, token ${first}`).toBe(before[first])
      expect(after.length, name).toBe(before.length)
    }
  })

  it('are checked by something that can fail', () => {
    const hashedName = site.paths.get('bootstrap3/dist/css/bootstrap.css')!
    const text = read(site, hashedName)
    const without = text.replace(/\.glyphicon-plus:?:before\s*\{[^}]*\}/, '')
    expect(lostRules(rulesOf(text), rulesOf(without), undefined)).toEqual([
      expect.stringMatching(/^\.glyphicon-plus:/),
    ])
    expect(isFine(site, 'bootstrap3/dist/css/bootstrap.css', hashedName, '../fonts/gone.woff')).toBe(false)
    const plain = '../fonts/glyphicons-halflings-regular.woff'
    expect(isFine(site, 'bootstrap3/dist/css/bootstrap.css', hashedName, plain)).toBe(false)
    expect(unhashedTokens(text)).not.toEqual(unhashedTokens(text.replace('red', 'blue').replace('{', '{;')))
  })
})

async function buildSite(css: 'lightningcss' | 'preserve'): Promise<Site> {
  const staticRoot = path.join(root, css)
  const lines: string[] = []
  const customLogger = createLogger()
  customLogger.info = customLogger.warn = message => void lines.push(stripVTControlCharacters(message))
  const started = performance.now()
  const options = { dirs, staticRoot, css, strict: false, compress: false } as const
  await build({ root, configFile: false, customLogger, plugins: [staticfiles(options)] })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.info(`${css}: built in ${seconds} s`)
  const { paths } = JSON.parse(readFileSync(path.join(staticRoot, 'staticfiles.json'), 'utf8'))
  const names = new Map<string, string>(Object.entries(paths))
  return { staticRoot, report: lines.join('\n'), paths: names, hashedNames: new Set(names.values()) }
}

async function viteTargets() {
  const config = await resolveConfig({ root, configFile: false }, 'build')
  return lightningTargets(config.build.cssTarget)
}

function textFiles(site: Site, pattern: RegExp): [name: string, hashedName: string][] {
  return [...site.paths].filter(([name]) => pattern.test(name))
}

function read(site: Site, hashedName: string): string {
  return readFileSync(path.join(site.staticRoot, hashedName), 'utf8')
}

function sourceOf(name: string): string {
  const [prefix, folder] = dirs.find(([prefix]) => name.startsWith(`${prefix}/`))!
  return path.join(folder, name.slice(prefix.length + 1))
}

/** Whether a URL of an emitted file leads to a hashed file, is none of ours, or is on the report. */
function isFine(site: Site, name: string, hashedName: string, url: string): boolean {
  const base = HEADLESS + hashedName.split('/').map(encodeURIComponent).join('/')
  if (!URL.canParse(url, base)) return true
  const { origin, pathname, href } = new URL(url, base)
  if (`${origin}/` !== HEADLESS || pathname.endsWith('/') || url.startsWith('/')) return true
  if (href.replace(/[?#].*$/, '') === base) return true
  const target = decodeURIComponent(pathname.slice(1))
  if (site.hashedNames.has(target)) return existsSync(path.join(site.staticRoot, target))
  return site.report
    .split('\n')
    .some(line => line.includes(`${sourceOf(name)}:`) && line.endsWith(`  ${url}`))
}

/** Hashes taken out again; comments of source maps may have been dropped. */
function unhashedTokens(css: string): string[] {
  return cssTokens(css)
    .filter(({ text, type }) => type !== 'comment' || !text.includes('sourceMappingURL='))
    .map(token => `${token.type} ${unhashed(token)}`)
}

function unhashed({ type, text }: CssToken): string {
  if (type !== 'url' && type !== 'string') return text
  return text.replace(/\.[0-9a-f]{12}(?=\.[^./?#]*(?:[?#]|$)|$)/, '').replace(/[?#]$/, '')
}
