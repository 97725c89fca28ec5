import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Locations } from './django-collect.ts'

const SOURCE = path.resolve(import.meta.dirname, '../fixtures/parity')

/** The folder of the fixture, and what Django is to collect of it. */
export interface ParityFixture {
  readonly root: string
  readonly django: Locations
}

/** Copies the fixture and adds the files whose names do not survive every checkout. */
export function makeParityFixture(): ParityFixture {
  const root = mkdtempSync(path.join(tmpdir(), 'staticfiles-parity-'))
  cpSync(SOURCE, root, { recursive: true })
  const odd: Record<string, string> = JSON.parse(readFileSync(path.join(SOURCE, 'odd-names.json'), 'utf8'))
  for (const [name, text] of Object.entries(odd)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  return {
    root,
    django: { apps: ['tricky', 'second'], path: [root], dirs: [['lib', path.join(root, 'assets')]] },
  }
}
