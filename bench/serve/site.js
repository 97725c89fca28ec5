import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** Text that compresses about as well as what people write. */
function text(bytes, line, seed = 1) {
  const words = Array.from({ length: 400 }, (_, word) =>
    (word * 2654435761).toString(36).slice(0, 3 + (word % 6)),
  )
  let state = seed
  let made = ''
  while (made.length < bytes) {
    state = (state * 48271) % 2147483647
    made += line(words[state % words.length], words[(state >> 11) % words.length])
  }
  return made.slice(0, bytes)
}

/** Builds a project of `files` stylesheets of 7 KB besides those that are asked for; the caller removes it. */
export async function buildSite(files = 0) {
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true })
  const project = mkdtempSync(path.join(ROOT, '.cache/bench-serve-'))
  mkdirSync(path.join(project, 'static/many'), { recursive: true })
  const write = (name, content) => writeFileSync(path.join(project, name), content)
  const dirs = "plugins: [staticfiles({ dirs: ['static'] })]"
  write(
    'vite.config.js',
    `import { staticfiles } from 'vite-plugin-staticfiles'\nexport default { ${dirs} }\n`,
  )
  const rule = (one, other) => `.${one} { width: ${other.length}px }\n`
  write('static/site.css', `/* ${text(4080, rule)} */`)
  write('static/app.js', `/* ${text(102_390, (one, other) => `const ${one} = ${other}.map(${one})\n`)} */`)
  write('static/photo.png', randomBytes(1024 * 1024))
  for (let file = 0; file < files; file++) write(`static/many/${file}.css`, text(7000, rule, file + 1))
  await build({ root: project, configFile: path.join(project, 'vite.config.js'), logLevel: 'silent' })
  const staticRoot = path.join(project, 'staticfiles')
  const { paths } = JSON.parse(readFileSync(path.join(staticRoot, 'staticfiles.json'), 'utf8'))
  return { project, staticRoot, url: name => `/static/${paths[name] ?? name}` }
}
