import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'
import { vi } from 'vitest'
import type { LiveDjango } from './live-django.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/**
 * Builds a copy of the playground with its own configuration, as `vite build playground` does.
 * @returns the copy's folder, which the caller removes
 */
export async function buildPlayground({ version, python }: LiveDjango): Promise<string> {
  const beside = path.join(ROOT, '.cache/playground')
  mkdirSync(beside, { recursive: true })
  const project = mkdtempSync(path.join(beside, `${version}-`))
  linkNodeModules(path.join(beside, 'node_modules'))
  const generated = /[\\/](?:staticfiles|node_modules|__pycache__)$|\.sqlite3$/
  cpSync(path.join(ROOT, 'playground'), project, { recursive: true, filter: file => !generated.test(file) })
  vi.stubEnv('VIRTUAL_ENV', path.resolve(python, '../..'))
  await build({ configFile: path.join(project, 'vite.config.ts'), logLevel: 'silent', root: project })
  vi.unstubAllEnvs()
  return project
}

function linkNodeModules(link: string): void {
  if (!existsSync(link)) symlinkSync(path.join(ROOT, 'node_modules'), link, 'junction')
}
