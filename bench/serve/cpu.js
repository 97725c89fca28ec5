import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts in these, whatever its own clock is. */
const TICKS_A_SECOND = 100

/** What a process and those that it started have used of the processors so far, in seconds. */
export function cpuOf(pid) {
  const all = new Map(
    readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .flatMap(read),
  )
  const own = [...all.values()].filter(process => isIn(process, pid, all))
  return own.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_A_SECOND
}

function isIn(process, ancestor, all) {
  if (process === undefined) return false
  return process.pid === ancestor || isIn(all.get(process.parent), ancestor, all)
}

/** @see man 5 proc: the name, in parentheses, may hold anything */
function read(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number)
    return [[Number(pid), { pid: Number(pid), parent, ticks: user + system }]]
  } catch {
    // It has ended meanwhile.
    return []
  }
}
