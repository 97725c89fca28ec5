/** What the stages tell while they work. */
export interface PipelineLog {
  warn(message: string): void
  /** A line that the next one replaces; not shown where nobody watches. */
  progress(message: string): void
}
