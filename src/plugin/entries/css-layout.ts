import { createHash } from 'node:crypto'
import path from 'node:path'
import { hashedName, unhashedName } from '../../base/names.ts'
import { cutSheet, type MarkedSheet } from './css-marks.ts'
import { rebase } from './css-rebase.ts'

/** A stylesheet that templates name. */
export interface EntrySheet {
  /** What its file is called without a hash: `polls/app.css`. */
  readonly name: string
  /** The marks of all modules it is to reach, in the order of `vite dev`. */
  readonly marks: readonly string[]
}

/** The input of {@link layOut}. */
export interface LayoutInput {
  /** The stylesheets that the bundler made, by file name. */
  readonly sheets: ReadonlyMap<string, string>
  readonly wanted: readonly EntrySheet[]
  /** What something else than a wanted stylesheet loads as well: a chunk that comes later, or a page of Vite. */
  readonly kept: ReadonlySet<string>
  /** The `@import` rules for other origins in the CSS of a module, by its mark. */
  imports(mark: string): string
  readonly hash: boolean
}

/** Which stylesheets come into the output. */
export interface Layout {
  /** The file of each wanted stylesheet, by its name. */
  readonly files: ReadonlyMap<string, string>
  /** Files that the bundler did not make, and files of the bundler whose text changes. */
  readonly texts: ReadonlyMap<string, string>
  /** Files of the bundler that go; what has a new name has it here. */
  readonly gone: ReadonlyMap<string, string | undefined>
}

interface Sheet extends MarkedSheet {
  readonly file: string
  readonly users: Set<EntrySheet>
}

/** Which wanted stylesheets a module belongs to. */
type Users = Map<string, Set<EntrySheet>>

/** Modules that follow one another in a wanted stylesheet, and lie in one stylesheet of the bundler. */
interface Run {
  readonly sheet: Sheet
  readonly marks: string[]
}

/**
 * Arranges the CSS that the bundler made, so that each wanted stylesheet reaches all of its modules in their order: as a
 * stylesheet of the bundler, or as one that imports several. What only one of them needs lies in it, as far as the
 * cascade allows: rules cannot come before `@import`.
 */
export function layOut(input: LayoutInput): Layout {
  return new LayoutMaker(input).make()
}

class LayoutMaker {
  readonly #input: LayoutInput
  readonly #sheets: Sheet[]
  readonly #home = new Map<string, Sheet>()
  readonly #users: Users = new Map()
  readonly #runs = new Map<EntrySheet, Run[]>()
  readonly #texts = new Map<string, string>()
  readonly #gone = new Map<string, string | undefined>()
  readonly #parts = new Map<string, string>()
  readonly #names = new Set<string>()

  constructor(input: LayoutInput) {
    this.#input = input
    this.#sheets = [...input.sheets].map(([file, text]) => ({ ...cutSheet(text), file, users: new Set() }))
    for (const sheet of this.#sheets) for (const { mark } of sheet.pieces) this.#home.set(mark, sheet)
    for (const sheet of input.wanted) this.#runs.set(sheet, this.#runsOf(sheet))
    for (const file of [...input.sheets.keys(), ...input.wanted.map(({ name }) => name)])
      this.#names.add(unhashedName(file))
  }

  make(): Layout {
    const { wanted } = this.#input
    const made = wanted.filter(sheet => !this.#isWhole(this.#runs.get(sheet)!))
    this.#moveAside(new Set(made.map(({ name }) => name)))
    const files = new Map<string, string>()
    for (const sheet of wanted) {
      const [run] = this.#runs.get(sheet)!
      files.set(sheet.name, made.includes(sheet) ? this.#compose(sheet) : this.#fileOf(run!.sheet))
    }
    for (const sheet of this.#sheets) if (!this.#isNeeded(sheet)) this.#gone.set(sheet.file, undefined)
    return { files, texts: this.#texts, gone: this.#gone }
  }

  #runsOf(wanted: EntrySheet): Run[] {
    const runs: Run[] = []
    for (const mark of wanted.marks) {
      const sheet = this.#home.get(mark)
      if (sheet === undefined) continue
      sheet.users.add(wanted)
      this.#users.set(mark, (this.#users.get(mark) ?? new Set()).add(wanted))
      if (runs.at(-1)?.sheet === sheet) runs.at(-1)!.marks.push(mark)
      else runs.push({ sheet, marks: [mark] })
    }
    return runs
  }

  #isWhole([run, ...others]: readonly Run[]): boolean {
    return run !== undefined && others.length === 0 && isAll(run)
  }

  /** Whether nothing but one wanted stylesheet needs the modules of a run. */
  #isOwn({ sheet, marks }: Run): boolean {
    return !this.#input.kept.has(sheet.file) && marks.every(mark => this.#users.get(mark)!.size === 1)
  }

  /** Gives another name to stylesheets of the bundler that have the name of one that is made. */
  #moveAside(taken: ReadonlySet<string>): void {
    for (const sheet of this.#sheets) {
      const name = unhashedName(sheet.file)
      if (!taken.has(name) || !this.#isNeeded(sheet)) continue
      this.#gone.set(sheet.file, this.#add(this.#partName(name), textOf(sheet)))
    }
  }

  /** Whether a stylesheet of the bundler stays in one piece. */
  #isNeeded(sheet: Sheet): boolean {
    if (this.#input.kept.has(sheet.file) || sheet.users.size === 0) return true
    return [...sheet.users].some(user => {
      const runs = this.#runs.get(user)!
      return this.#isWhole(runs) || runs.some(run => run.sheet === sheet && !this.#isOwn(run) && isAll(run))
    })
  }

  #compose(wanted: EntrySheet): string {
    const runs = this.#runs.get(wanted)!
    const folder = path.posix.dirname(wanted.name)
    const inlined = this.#inlined(runs)
    const imported = runs.slice(0, runs.length - inlined.length)
    const lines = imported.map(
      run => `@import url(${JSON.stringify(urlFrom(folder, this.#partOf(run, wanted)))});\n`,
    )
    const charset = inlined.find(({ sheet }) => sheet.charset !== '')?.sheet.charset ?? ''
    const text = charset + lines.join('') + inlined.map(run => this.#textOf(run, folder)).join('\n')
    return this.#add(wanted.name, text)
  }

  /** Returns the runs at the end that can lie in the stylesheet itself. */
  #inlined(runs: readonly Run[]): Run[] {
    const inlined: Run[] = []
    for (const run of runs.toReversed()) {
      if (!this.#isOwn(run)) break
      inlined.unshift(run)
      if (this.#importsOf(run) !== '') break
    }
    return inlined
  }

  /** Returns the file that a run is imported from. */
  #partOf(run: Run, wanted: EntrySheet): string {
    const { sheet, marks } = run
    const isOwn = this.#isOwn(run)
    if (!isOwn && isAll(run)) return this.#fileOf(sheet)
    const key = [sheet.file, ...marks].join('\0')
    const known = this.#parts.get(key)
    if (known !== undefined) return known
    const name = this.#partName(isOwn ? wanted.name : unhashedName(sheet.file))
    const file = this.#add(name, sheet.charset + this.#textOf(run, path.posix.dirname(name)))
    this.#parts.set(key, file)
    return file
  }

  #textOf(run: Run, folder: string): string {
    const { sheet, marks } = run
    const rules = new Map(sheet.pieces.map(piece => [piece.mark, piece.rules]))
    const text = marks.map(mark => rules.get(mark)).join('\n')
    return this.#importsOf(run) + rebase(text, path.posix.dirname(sheet.file), folder)
  }

  #importsOf({ marks }: Run): string {
    return marks.map(mark => this.#input.imports(mark)).join('')
  }

  #fileOf({ file }: Sheet): string {
    return this.#gone.get(file) ?? file
  }

  #partName(name: string): string {
    const stem = name.replace(/\.css$/u, '')
    for (let number = 1; ; number++) {
      const part = `${stem}.part${number > 1 ? `-${number}` : ''}.css`
      if (this.#names.has(part)) continue
      this.#names.add(part)
      return part
    }
  }

  #add(name: string, text: string): string {
    const file = this.#input.hash ? hashedName(name, createHash('md5').update(text).digest('hex')) : name
    this.#texts.set(file, text)
    return file
  }
}

function isAll({ sheet, marks }: Run): boolean {
  const { pieces, rest } = sheet
  return (
    rest.trim() === '' &&
    pieces.length === marks.length &&
    pieces.every(({ mark }, index) => mark === marks[index])
  )
}

function textOf({ charset, imports, pieces, rest }: Sheet): string {
  return charset + imports + pieces.map(({ rules }) => rules).join('\n') + rest
}

function urlFrom(folder: string, file: string): string {
  return encodeURI(path.posix.relative(folder, file)).replace(/[#?]/gu, encodeURIComponent)
}
