import { contains } from '../base/files/paths.ts'
import { findApps } from '../finders/apps.ts'
import { type Entry, resolveEntries } from '../finders/entries.ts'
import { entriesOf } from '../references/templates/entries.ts'
import {
  readTemplate,
  referencesIn,
  type TemplateFolder,
  type TemplateReference,
} from '../references/templates/read.ts'
import type { DjangoAnswer } from './django/answer.ts'
import type { CachedAnswer } from './django/answer-cache.ts'
import { askDjango } from './django/ask.ts'
import { disagreements, type GivenToVite } from './django/disagreements.ts'
import { withDjango } from './django/options.ts'
import { questionOf } from './django/question.ts'
import { linkProblems, storageNotes } from './django/storage.ts'
import type { Options } from './options.ts'
import { type ResolvedOptions, resolve, type Surroundings } from './resolve.ts'
import { checkOptions } from './validate.ts'

/** All that is known of a user's project. It never changes: a change makes another one. */
export interface Project {
  /** What the user wrote, in the configuration and on the command line. */
  readonly given: Options
  /** What is asked for: {@link Project.given} with Django's answers. */
  readonly asked: Options
  /** {@link Project.asked} with all paths absolute and every default filled in. */
  readonly options: ResolvedOptions
  readonly entries: readonly Entry[]
  /** The static names in templates; empty if the user lists `entries`. */
  readonly templates: readonly TemplateReference[]
  /** Where {@link Project.given} disagrees with Django's settings, and what of these a build cannot follow. */
  readonly notes: readonly string[]
  /** What Django says, or `undefined` if it is not asked. */
  readonly django: CachedAnswer | undefined
}

/** Where Django is asked. */
export interface Place {
  /** Vite's root. */
  readonly root: string
  /** Vite's `cacheDir`. */
  readonly cacheDir: string
}

/**
 * Asks Django, if the options say so, and resolves the options.
 * @throws StaticFilesError if Django cannot be asked, options are wrong, or an entry has no source
 */
export async function loadProject(
  given: Options,
  vite: Surroundings & GivenToVite & Place,
): Promise<Project> {
  const django = await askFor(given, vite)
  const notes = django ? notesOn(given, django.answer, vite) : []
  return withEntries(resolveProject({ given, django, notes }, vite))
}

/**
 * Returns what Django says now, or `undefined` if the options do not ask it.
 * @throws StaticFilesError if Django cannot be asked
 */
export async function askFor(given: Options, { root, cacheDir }: Place): Promise<CachedAnswer | undefined> {
  const question = questionOf(given, root, cacheDir)
  return question && askDjango(question)
}

function notesOn(given: Options, answer: DjangoAnswer, vite: GivenToVite): string[] {
  return [...disagreements(given, answer, vite), ...storageNotes(answer), ...answer.warnings]
}

/** What {@link resolveProject} starts from. Of a project that is resolved again, templates and entries stay. */
type Unresolved = Pick<Project, 'given' | 'django' | 'notes'> &
  Partial<Pick<Project, 'options' | 'templates' | 'entries'>>

/**
 * Resolves the options, looks for the folders of apps, and reads templates unless their folders are the same as before.
 * {@link withEntries} comes next.
 * @throws StaticFilesError if options are wrong
 */
export function resolveProject(project: Unresolved, vite: Surroundings): Project {
  const { given, django, notes, entries = [] } = project
  const asked = askedOptions(project, vite)
  checkOptions(asked, django ? linkProblems(asked, django.answer) : [])
  const options = resolve(asked, vite, findApps(asked.apps ?? [], vite.root))
  const folders = foldersToRead(options)
  const isKnown = project.options && sameFolders(foldersToRead(project.options), folders)
  const templates = (isKnown && project.templates) || referencesIn(folders)
  return { given, asked, options, entries, templates, notes, django }
}

/** The project as Vite has resolved it: plugins may have changed what its configuration says. */
export function withVite(project: Project, vite: Surroundings): Project {
  if (vite.root !== project.options.root) return withEntries(resolveProject(project, vite))
  const asked = askedOptions(project, vite)
  return { ...project, asked, options: resolve(asked, vite, project.options.apps) }
}

/** The project with all its templates read again. */
export function withTemplates(project: Project): Project {
  return { ...project, templates: referencesIn(foldersToRead(project.options)) }
}

/** The project with one template read again, or `undefined` if the file is not a template. */
export function withTemplate(project: Project, file: string): Project | undefined {
  const { options, templates } = project
  const found = options.templates.find(({ folder }) => contains(folder, file))
  if (found === undefined) return undefined
  const others = templates.filter(({ source }) => source !== file)
  const at = templates.findIndex(({ source }) => source === file)
  const own = readTemplate(file, found.language)
  return { ...project, templates: others.toSpliced(at < 0 ? others.length : at, 0, ...own) }
}

/**
 * The project with the sources of its entries looked up again.
 * @throws StaticFilesError naming every entry that has no source, or shares what is built with another
 */
export function withEntries(project: Project): Project {
  const { options, templates } = project
  const names = options.entries === 'templates' ? entriesOf(templates, options.finders) : options.entries
  return { ...project, entries: resolveEntries(names, options) }
}

function askedOptions({ given, django }: Unresolved, { outDir }: Surroundings): Options {
  return django ? withDjango(given, django.answer, outDir) : given
}

/** The folders of templates that entries are found in. */
function foldersToRead({ entries, templates }: ResolvedOptions): readonly TemplateFolder[] {
  return entries === 'templates' ? templates : []
}

function sameFolders(one: readonly TemplateFolder[], other: readonly TemplateFolder[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
