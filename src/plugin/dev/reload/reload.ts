import path from 'node:path'
import { contains } from '../../../base/files/paths.ts'
import { isFile } from '../../../base/files/stat.ts'
import { isInstalled } from '../../../base/installed.ts'
import { isStylesheet } from '../../../finders/entries.ts'
import { find, rootsOf } from '../../../finders/finders.ts'
import { nameIn } from '../../../finders/location.ts'
import type { TemplateFolder } from '../../../references/templates/read.ts'
import type { DevServer } from '../dev-server.ts'
import type { Step } from '../django/django-ready.ts'
import { PageUpdates, type Update } from './page-updates.ts'
import { describeVainPatterns, matchesReload } from './patterns.ts'
import { isTemporary } from './watched.ts'

const NOTHING: Update = { stylesheets: [], reload: false }

/**
 * Reloads pages, or swaps their stylesheets, when a file changes that Vite's own updates do not cover: templates, collected
 * static files that a page has requested, and files that `reload` matches.
 */
export function reloadPages(dev: DevServer): void {
  const updates = new PageUpdates(dev)
  for (const message of describeVainPatterns(dev.options)) dev.warnOnce(message)
  for (const event of ['add', 'change', 'unlink'] as const) {
    dev.server.watcher.on(event, file => updates.add(path.resolve(file), updateFor(file, dev)))
  }
}

/** Returns what the change or removal of a file means for the open pages. */
export function updateFor(changed: string, dev: DevServer): Update {
  const { templates, reload, staticRoot } = dev.options
  const file = path.resolve(changed)
  if (isTemporary(file) || isInstalled(file) || contains(staticRoot, file)) return NOTHING
  const names = shownNames(file, dev)
  const stylesheets = names.filter(isStylesheet)
  if (reload === false) return { stylesheets, reload: false }
  const template = templates.find(({ folder }) => contains(folder, file))
  const isShown = names.some(name => dev.requested.has(name) && !isStylesheet(name))
  return {
    stylesheets,
    reload: template !== undefined || isShown || matchesReload(file, dev.options),
    after: stepBefore(file, template),
  }
}

/** Whether a file lies in a folder for which this plugin, and not Vite, decides what reloads. */
export function liesInFolders(file: string, { options }: DevServer): boolean {
  const templates = options.templates.map(({ folder }) => folder)
  return [...templates, ...rootsOf(options.finders)].some(folder => contains(folder, path.resolve(file)))
}

/** Returns what Django must do before the reload. Jinja itself checks a template for changes each time it is used. */
function stepBefore(file: string, template: TemplateFolder | undefined): Step | undefined {
  if (file.endsWith('.py')) return 'restart'
  return template === undefined || template.language === 'jinja2' ? undefined : 'templates'
}

/** Returns the collected names under which a file is or was served, without those that another file wins. */
function shownNames(file: string, { options, entries }: DevServer): string[] {
  const isRemoved = !isFile(file)
  const locations = options.finders.flatMap(finder => finder.locations)
  return locations.flatMap((location, index) => {
    const name = nameIn(location, file)
    // Vite updates the modules of entries.
    if (name === undefined || entries.some(entry => entry.name === name || entry.builtName === name))
      return []
    const winner = find(options.finders, name)
    if (!isRemoved || winner === undefined) return isRemoved || winner === file ? [name] : []
    const winnersLocation = locations.findIndex(({ root }) => contains(root, winner))
    return winnersLocation < index ? [] : [name]
  })
}
