import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** One `FROM` of a Dockerfile with what follows. */
export interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly (readonly [keyword: string, rest: string])[]
}

const KEYWORDS = new Set(['FROM', 'ENV', 'WORKDIR', 'RUN', 'COPY', 'CMD'])

/** @throws Error for an instruction that no test knows */
export function parseDockerfile(text: string): Stage[] {
  const stages: { name: string; base: string; instructions: [string, string][] }[] = []
  for (const line of text.split('\n').filter(each => each !== '' && !each.startsWith('#'))) {
    const [, keyword = '', rest = ''] = /^([A-Z]+) (.+)$/u.exec(line) ?? []
    if (!KEYWORDS.has(keyword)) throw new Error(`unknown instruction: ${line}`)
    if (keyword === 'FROM') {
      const [base, , name] = rest.split(' ')
      stages.push({ base: base!, name: name ?? String(stages.length), instructions: [] })
    } else stages.at(-1)!.instructions.push([keyword, rest])
  }
  return stages
}

/** What is outside of the folders: images, and commands. */
export interface Machine {
  /** The folder of an image, as Docker would pull it. */
  pull(image: string): string
  /** Runs a command in the working directory of a stage. */
  run(command: string, stageRoot: string, workdir: string): void
}

/**
 * Builds the stages as folders: what is copied is copied, what is run is run by `machine`.
 * @returns the folder of the last stage, its working directory, and what it would start
 */
export function buildStages(
  stages: readonly Stage[],
  context: string,
  out: string,
  machine: Machine,
): { root: string; workdir: string; command: string[] } {
  const built = new Map<string, { root: string; workdir: string; command: string[] }>()
  for (const { name, base, instructions } of stages) {
    const parent = built.get(base)
    const root = path.join(out, name)
    cpSync(parent?.root ?? machine.pull(base), root, { recursive: true, verbatimSymlinks: true })
    const stage = { root, workdir: parent?.workdir ?? '/', command: [] as string[] }
    built.set(name, stage)
    for (const [keyword, rest] of instructions) {
      if (keyword === 'WORKDIR') stage.workdir = rest
      else if (keyword === 'COPY') copy(rest, context, stage, name => built.get(name)!.root)
      else if (keyword === 'RUN') machine.run(rest, root, stage.workdir)
      else if (keyword === 'CMD') stage.command = JSON.parse(rest)
      mkdirSync(path.join(root, stage.workdir), { recursive: true })
    }
  }
  return built.get(stages.at(-1)!.name)!
}

function copy(
  rest: string,
  context: string,
  { root, workdir }: { root: string; workdir: string },
  stageRoot: (name: string) => string,
): void {
  const [, from, paths] = /^(?:--from=(\S+) )?(.+)$/u.exec(rest)!
  const sources = paths!.split(' ')
  const target = path.join(root, path.posix.resolve(workdir, sources.pop()!))
  const isFolder = /(?:\/|^\.)$/u.test(paths!) || sources.length > 1
  for (const source of sources) {
    const file = path.join(from === undefined ? context : stageRoot(from), source)
    if (!existsSync(file)) throw new Error(`COPY ${rest}: there is no ${source}`)
    const into = isFolder && !statSync(file).isDirectory() ? path.join(target, path.basename(file)) : target
    cpSync(file, into, { recursive: true, verbatimSymlinks: true })
  }
}

/** What a `.dockerignore` leaves of a folder, by the names at its top. */
export function withoutIgnored(folder: string, ignore: string): string[] {
  const patterns = ignore.split('\n').filter(Boolean)
  const isIgnored = (name: string) =>
    patterns.some(pattern => (pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern))
  return readdirSync(folder).filter(name => !isIgnored(name))
}
