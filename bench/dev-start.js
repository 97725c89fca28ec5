// One cold start of `vite dev`, in a process of its own: prints milliseconds from before the imports until it listens.
// Usage: node bench/dev-start.js ROOT plain|plugin
import path from 'node:path'

const [root, kind] = process.argv.slice(2)
const began = performance.now()
const { createServer } = await import('vite')
const plugins = kind === 'plugin' ? [await plugin()] : []
const server = await createServer({
  root,
  configFile: false,
  base: '/static/',
  appType: 'custom',
  cacheDir: path.join(root, '.vite'),
  logLevel: 'silent',
  server: { port: 0, host: '127.0.0.1' },
  plugins,
})
await server.listen()
console.log(performance.now() - began)
await server.close()
process.exit()

async function plugin() {
  const { staticfiles } = await import('../dist/index.mjs')
  return staticfiles({ dirs: ['static'], apps: ['apps/*'] })
}
