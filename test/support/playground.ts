import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'
import { vi } from 'vitest'
import type { LiveDjango } from './live-django.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/**
 * Builds a copy of the playground with its own configuration, as `vite build playground` does; `prepare` may change the
 * copy before.
 * @returns the copy's folder, which the caller removes
 */
export async function buildPlayground(
  django: LiveDjango,
  prepare?: (project: string) => void,
): Promise<string> {
  const project = copyPlayground(django)
  prepare?.(project)
  vi.stubEnv('VIRTUAL_ENV', virtualEnvironment(django))
  await build({ configFile: path.join(project, 'vite.config.ts'), logLevel: 'silent', root: project })
  vi.unstubAllEnvs()
  return project
}

/** The folder that holds the environment's `bin`. */
export function virtualEnvironment({ python }: LiveDjango): string {
  return path.resolve(python, '../..')
}

/** Copies the playground without what is generated; the caller removes the copy. */
export function copyPlayground({ version }: LiveDjango): string {
  const beside = path.join(ROOT, '.cache/playground')
  mkdirSync(beside, { recursive: true })
  const project = mkdtempSync(path.join(beside, `${version}-`))
  linkNodeModules(path.join(beside, 'node_modules'))
  const generated = /[\\/](?:staticfiles|node_modules|__pycache__)$|\.sqlite3$/
  cpSync(path.join(ROOT, 'playground'), project, { recursive: true, filter: file => !generated.test(file) })
  return project
}

function linkNodeModules(link: string): void {
  try {
    symlinkSync(path.join(ROOT, 'node_modules'), link, 'junction')
  } catch (error) {
    // It is there already.
    if (!existsSync(link)) throw error
  }
}
