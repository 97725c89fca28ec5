import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** Text that compresses about as well as what people write. */
function text(bytes, line) {
  const words = Array.from({ length: 400 }, (_, word) =>
    (word * 2654435761).toString(36).slice(0, 3 + (word % 6)),
  )
  let seed = 1
  let made = ''
  while (made.length < bytes) {
    seed = (seed * 48271) % 2147483647
    made += line(words[seed % words.length], words[(seed >> 11) % words.length])
  }
  return made.slice(0, bytes)
}

/** Builds a project of `files` small stylesheets besides those that are asked for; the caller removes it. */
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
  write('static/site.css', `/* ${text(4080, (one, other) => `.${one} { width: ${other.length}px }\n`)} */`)
  write('static/app.js', `/* ${text(102_390, (one, other) => `const ${one} = ${other}.map(${one})\n`)} */`)
  write('static/photo.png', randomBytes(1024 * 1024))
  for (let file = 0; file < files; file++)
    write(`static/many/${file}.css`, `.file-${file} { color: #${file} }\n`)
  await build({ root: project, configFile: path.join(project, 'vite.config.js'), logLevel: 'silent' })
  const staticRoot = path.join(project, 'staticfiles')
  const { paths } = JSON.parse(readFileSync(path.join(staticRoot, 'staticfiles.json'), 'utf8'))
  return { project, staticRoot, url: name => `/static/${paths[name] ?? name}` }
}
