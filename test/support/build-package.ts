import { execFileSync } from 'node:child_process'

/**
 * Builds `dist/` once, because the tests of whole builds import the package by its own name. `npm run build` also checks
 * what would be published.
 */
export default function buildPackage(): void {
  const flags = ['--no-publint', '--no-attw', '--logLevel', 'error']
  execFileSync('npx', ['tsdown', ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
}
