export { StaticFilesError } from './base/errors.ts'
export {
  AppDirectoriesFinder,
  FileSystemFinder,
  type Finder,
  type FindOptions,
  find,
} from './finders/finders.ts'
export type { Ignore } from './finders/ignore.ts'
export type { ListedFile, ListOptions, Location } from './finders/location.ts'
export type { CompressOptions } from './options/compression.ts'
export type { DjangoOptions, Options } from './options/options.ts'
export { type StaticFilesPlugin, staticfiles } from './plugin/staticfiles.ts'
export {
  Manifest,
  type ManifestOptions,
  type StaticName,
  type StaticNames,
} from './static-root/manifest/manifest.ts'
