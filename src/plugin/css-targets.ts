import type { Targets } from 'lightningcss'

const BROWSERS: Record<string, keyof Targets> = {
  chrome: 'chrome',
  edge: 'edge',
  firefox: 'firefox',
  ie: 'ie',
  ios: 'ios_saf',
  opera: 'opera',
  safari: 'safari',
}

/**
 * Translates Vite's `build.cssTarget` (`['chrome107', 'safari16.4']`) for lightningcss. Versions of ECMAScript say
 * nothing about CSS and are skipped.
 * @see https://vite.dev/config/build-options#build-csstarget
 */
export function lightningTargets(
  cssTarget: string | readonly string[] | false | undefined,
): Targets | undefined {
  const targets: Targets = {}
  for (const target of [cssTarget || []].flat()) {
    const [, name = '', major = '', minor = '0'] = /^([a-z]+)(\d+)(?:\.(\d+))?/u.exec(target) ?? []
    const browser = BROWSERS[name]
    if (browser === undefined) continue
    const version = (Number(major) << 16) | (Number(minor) << 8)
    targets[browser] = Math.min(targets[browser] ?? version, version)
  }
  return Object.keys(targets).length === 0 ? undefined : targets
}
