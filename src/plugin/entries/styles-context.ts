import type { Entry } from '../../finders/entries.ts'
import type { ModuleInfo } from './css-order.ts'

/** What a plugin's context says about modules. */
export interface ModulesContext {
  getModuleIds(): Iterable<string>
  getModuleInfo(id: string): (ModuleInfo & { readonly isEntry: boolean; readonly meta?: object }) | null
}

/** What it offers while the output is made. */
export interface StylesContext extends ModulesContext {
  emitFile(file: { type: 'asset'; fileName: string; source: string }): unknown
}

/** What decides how the CSS of entries is arranged. */
export interface StylesSetup {
  readonly root: string
  readonly entries: readonly Entry[]
  readonly hash: boolean
  readonly cssCodeSplit: boolean
  /** What Vite calls the only stylesheet if `build.cssCodeSplit` is off. */
  readonly onlySheet: string
}
