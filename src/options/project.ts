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

/** All that is known about a user's project. It never changes: each change makes a new one. */
export interface Project {
  /** The options that the user wrote, in the configuration and on the command line. */
  readonly given: Options
  /** {@link Project.given} with Django's answers. */
  readonly asked: Options
  /** {@link Project.asked} with all paths absolute and every default filled in. */
  readonly options: ResolvedOptions
  readonly entries: readonly Entry[]
  /** The static names in templates; empty if the user lists `entries`. */
  readonly templates: readonly TemplateReference[]
  /** Sentences about options that disagree with Django's settings, and about settings that a build cannot follow. */
  readonly notes: readonly string[]
  /** Django's answer, or `undefined` if Django is not asked. */
  readonly django: CachedAnswer | undefined
}

/** The folders that are needed to ask Django. */
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
 * Returns Django's current answer, or `undefined` if the options do not ask Django.
 * @throws StaticFilesError if Django cannot be asked
 */
export async function askFor(given: Options, { root, cacheDir }: Place): Promise<CachedAnswer | undefined> {
  const question = questionOf(given, root, cacheDir)
  return question && askDjango(question)
}

function notesOn(given: Options, answer: DjangoAnswer, vite: GivenToVite): string[] {
  return [...disagreements(given, answer, vite), ...storageNotes(answer), ...answer.warnings]
}

/** What {@link resolveProject} resolves. If a project is resolved again, it keeps its templates and entries. */
type Unresolved = Pick<Project, 'given' | 'django' | 'notes'> &
  Partial<Pick<Project, 'options' | 'templates' | 'entries'>>

/**
 * Resolves the options, looks for the folders of apps, and reads the templates unless their folders are the same as
 * before. Call {@link withEntries} next.
 * @throws StaticFilesError if options are wrong
 */
export function resolveProject(project: Unresolved, vite: Surroundings): Project {
  const { given, django, notes, entries = [] } = project
  const asked = askedOptions(project, vite)
  checkOptions(asked, django ? linkProblems(asked, django.answer) : [])
  const options = resolve(asked, vite, findApps(asked.apps ?? [], vite.root))
  const folders = foldersToRead(options)
  const isRead = project.options && sameFolders(foldersToRead(project.options), folders)
  const templates = (isRead && project.templates) || referencesIn(folders)
  return { given, asked, options, entries, templates, notes, django }
}

/** Returns the project with what Vite has resolved: other plugins may have changed the configuration. */
export function withVite(project: Project, vite: Surroundings): Project {
  if (vite.root !== project.options.root) return withEntries(resolveProject(project, vite))
  const asked = askedOptions(project, vite)
  return { ...project, asked, options: resolve(asked, vite, project.options.apps) }
}

/** Reads all templates of a project again. */
export function withTemplates(project: Project): Project {
  return { ...project, templates: referencesIn(foldersToRead(project.options)) }
}

/** Reads one template of a project again. It returns `undefined` if the file is not a template. */
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
 * Finds the sources of a project's entries again.
 * @throws StaticFilesError naming every entry that has no source, or has the built name of another entry
 */
export function withEntries(project: Project): Project {
  const { options, templates } = project
  const names = options.entries === 'templates' ? entriesOf(templates, options.finders) : options.entries
  return { ...project, entries: resolveEntries(names, options) }
}

function askedOptions({ given, django }: Unresolved, { outDir }: Surroundings): Options {
  return django ? withDjango(given, django.answer, outDir) : given
}

/** Returns the folders of the templates that name entries. */
function foldersToRead({ entries, templates }: ResolvedOptions): readonly TemplateFolder[] {
  return entries === 'templates' ? templates : []
}

function sameFolders(one: readonly TemplateFolder[], other: readonly TemplateFolder[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
