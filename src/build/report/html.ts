import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Report } from './report.ts'

/** Returns a report as one page that loads nothing, and runs nothing but its own script. */
export function reportHtml(report: Report, assets: URL = new URL('./report/', import.meta.url)): string {
  const asset = (file: string) => readFileSync(new URL(file, assets), 'utf8')
  const script = asset('report.js').replaceAll('</script', '<\\/script')
  const digest = createHash('sha256').update(script).digest('base64')
  const parts: Record<string, string> = {
    '%csp%': `default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${digest}'`,
    '/*%style%*/': asset('theme.css') + asset('report.css'),
    // Names may contain text that would end the element.
    '"%data%"': JSON.stringify(report).replaceAll('<', '\\u003c'),
    '/*%script%*/': script,
  }
  return asset('index.html').replace(/%csp%|\/\*%\w+%\*\/|"%data%"/gu, part => parts[part] ?? part)
}
