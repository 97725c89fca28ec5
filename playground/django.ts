import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Whether there is a Python with Django, so that `manage.py` can answer. */
export function hasDjango(): boolean {
  const { status } = spawnSync(python(), ['-c', 'import django'], { timeout: 5000, stdio: 'ignore' })
  return status === 0
}

function python(): string {
  const { VIRTUAL_ENV } = process.env
  if (!VIRTUAL_ENV) return process.platform === 'win32' ? 'python' : 'python3'
  return process.platform === 'win32'
    ? join(VIRTUAL_ENV, 'Scripts', 'python.exe')
    : join(VIRTUAL_ENV, 'bin', 'python')
}
