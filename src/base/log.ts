/** What the stages report while they work. */
export interface PipelineLog {
  warn(message: string): void
  /** Shows a line that the next one replaces, if somebody watches. */
  progress(message: string): void
}
