export { StaticFilesError } from '../base/errors.ts'
export { createFetchHandler, type FetchHandler } from './fetch.ts'
export { createStaticHandler, type Next, type StaticHandler } from './handler.ts'
export type { ServedFile, ServerOptions } from './options.ts'
