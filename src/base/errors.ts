/**
 * The only error class of this package. Its message starts with `staticfiles: ` and says what to do. Its stack is the
 * message alone, because bundlers print the stack and it is the user's files that are wrong; a `cause` has its own.
 */
export class StaticFilesError extends Error {
  override readonly name = 'StaticFilesError'

  constructor(message: string, options?: ErrorOptions) {
    super(`staticfiles: ${message}`, options)
    this.stack = `${this.name}: ${this.message}`
  }
}

/** Returns the message of an error without the prefix, if something else says who speaks. */
export function withoutPrefix({ message }: Error): string {
  return message.replace(/^staticfiles: /u, '')
}
