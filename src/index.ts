export { StaticFilesError } from './base/errors.ts'
export {
  AppDirectoriesFinder,
  FileSystemFinder,
  type Finder,
  type FindOptions,
  find,
  type ListedFile,
  type ListOptions,
  type Location,
} from './finders/finders.ts'
export type { Ignore } from './finders/ignore.ts'
export type { DjangoOptions } from './options/django/question.ts'
export type { CompressOptions, Options } from './options/options.ts'
export { type StaticFilesPlugin, staticfiles } from './plugin/staticfiles.ts'
export {
  Manifest,
  type ManifestOptions,
  type StaticName,
  type StaticNames,
} from './static-root/manifest/manifest.ts'
