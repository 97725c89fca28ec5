import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Changes, Report } from './report.ts'

/** What the next report needs of this one: the hashed name and size in bytes of each name. */
interface Remembered {
  readonly createdAt: string
  readonly files: Readonly<Record<string, readonly [hashedName: string, bytes: number]>>
}

/** Compares with the last report, and remembers this one for the next. */
export function changesSince(cacheDir: string, report: Omit<Report, 'changes'>): Changes | undefined {
  const file = path.join(cacheDir, 'staticfiles/report.json')
  const last = recall(file)
  remember(file, report)
  return last && compare(last, report)
}

function compare({ createdAt, files }: Remembered, report: Omit<Report, 'changes'>): Changes {
  const now = new Map(report.files.map(each => [each.name, each]))
  const known = new Map(Object.entries(files))
  const change = (name: string) => ({
    name,
    before: known.get(name)?.[1] ?? 0,
    after: now.get(name)?.raw ?? 0,
  })
  const isChanged = (name: string) => known.get(name)![0] !== now.get(name)!.hashedName
  return {
    since: createdAt,
    added: [...now.keys()].filter(name => !known.has(name)).map(change),
    removed: [...known.keys()].filter(name => !now.has(name)).map(change),
    changed: [...now.keys()].filter(name => known.has(name) && isChanged(name)).map(change),
  }
}

function recall(file: string): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function remember(file: string, { createdAt, files }: Omit<Report, 'changes'>): void {
  const remembered: Remembered = {
    createdAt,
    files: Object.fromEntries(files.map(({ name, hashedName, raw }) => [name, [hashedName, raw]])),
  }
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(remembered))
  } catch {
    // Without it the next report says nothing of changes.
  }
}
