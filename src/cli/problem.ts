/** Something that is wrong, or may be. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly kind: 'settings' | 'conflict' | 'reference' | 'template' | 'built'
  readonly message: string
  readonly source?: string
  readonly line?: number
  readonly column?: number
}
