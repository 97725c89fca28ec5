import { readFileSync } from 'node:fs'
import path from 'node:path'

const PREPROCESSED = /\.(?:scss|sass|less|styl|stylus)$/u

/**
 * Adds the files that stylesheets of preprocessors load, which are not in the module graph. It reads `@use`, `@forward`,
 * `@import` and `@require` only roughly, which is enough to know what a build need not collect.
 * @param sources the files that the bundler read; what they load is added
 * @param pathsOf returns the paths that finders have for a file
 */
export function addPartials(sources: Set<string>, pathsOf: (file: string) => readonly string[]): void {
  const queue = [...sources].filter(source => PREPROCESSED.test(source))
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    for (const loaded of loadedFrom(source).flatMap(file => pathsOf(file))) {
      if (sources.has(loaded)) continue
      sources.add(loaded)
      queue.push(loaded)
    }
  }
}

/** Returns the paths of files that a stylesheet may load. */
function loadedFrom(source: string): string[] {
  const statements = read(source).matchAll(/@(?:use|forward|import|require)\b[^;\n]*/gu)
  const urls = [...statements].flatMap(([statement]) => [...statement.matchAll(/["']([^"']+)["']/gu)])
  return urls.flatMap(([, url = '']) => candidates(source, url))
}

/** Returns the paths where Sass, Less and Stylus look for a file beside the one that loads it. */
function candidates(source: string, url: string): string[] {
  const base = path.resolve(path.dirname(source), url)
  const partial = path.join(path.dirname(base), `_${path.basename(base)}`)
  const stems = [base, partial, path.join(base, 'index'), path.join(base, '_index')]
  const extensions = ['', path.extname(source), '.scss', '.sass']
  return stems.flatMap(stem => extensions.map(extension => stem + extension))
}

/** Returns the text of a source, or '' if the file is gone. */
function read(source: string): string {
  try {
    return readFileSync(source, 'utf8')
  } catch {
    return ''
  }
}
