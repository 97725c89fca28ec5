import type { ResolvedConfig } from 'vite'
import { StaticFilesError } from '../base/errors.ts'

/**
 * Checks options of Vite that change what a page must contain.
 * @throws StaticFilesError if no template could load the build
 */
export function checkConfig({ command, build }: ResolvedConfig): void {
  if (command !== 'build' || !('chunkImportMap' in build) || !build.chunkImportMap) return
  throw new StaticFilesError(
    'build.chunkImportMap does not work with Django templates: scripts import each other by names that only an import map in the page resolves\n' +
      'Leave the option out. Hashed names are in the scripts then, and browsers cache them for good.',
  )
}
