import { execFileSync } from 'node:child_process'

/** Builds `dist/` once, because the tests of whole builds import the package by its own name. */
export default function buildPackage(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
