/** The only error class of this package. Its message starts with `staticfiles: ` and says what to do. */
export class StaticFilesError extends Error {
  override readonly name = 'StaticFilesError'

  constructor(message: string, options?: ErrorOptions) {
    super(`staticfiles: ${message}`, options)
  }
}
