/** Whether a path lies in what a project has installed: nobody edits it there. */
export function isInstalled(file: string): boolean {
  return /[\\/](?:node_modules|site-packages|dist-packages)(?:[\\/]|$)/u.test(file)
}
