import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of `django.contrib.admin`, or `undefined` where no Python with Django answers. */
export function findAdmin(): string | undefined {
  const { stdout } = spawnSync(
    python(),
    ['-c', 'import django, os; print(os.path.join(os.path.dirname(django.__file__), "contrib", "admin"))'],
    { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const folder = stdout?.trim()
  return folder && existsSync(join(folder, 'static')) ? folder : undefined
}

function python(): string {
  const { VIRTUAL_ENV } = process.env
  if (!VIRTUAL_ENV) return process.platform === 'win32' ? 'python' : 'python3'
  return process.platform === 'win32'
    ? join(VIRTUAL_ENV, 'Scripts', 'python.exe')
    : join(VIRTUAL_ENV, 'bin', 'python')
}
