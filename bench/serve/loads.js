import { readFileSync } from 'node:fs'
import path from 'node:path'

const ENCODED = { 'Accept-Encoding': 'gzip, deflate, br' }

/** What is asked of each server, and what the ceiling answers. */
export const LOADS = {
  css: {
    title: '4 KB of CSS, as br',
    name: 'site.css',
    headers: ENCODED,
    status: 200,
    type: 'text/css;charset=utf-8',
  },
  js: {
    title: '100 KB of JavaScript, as br',
    name: 'app.js',
    headers: ENCODED,
    status: 200,
    type: 'text/javascript;charset=utf-8',
  },
  unchanged: { title: '304 by `If-None-Match`', name: 'site.css', headers: ENCODED, status: 304 },
  png: { title: '1 MB of PNG', name: 'photo.png', headers: ENCODED, status: 200, type: 'image/png' },
  missing: { title: '404', name: 'nothing.css', headers: ENCODED, status: 404 },
}

/** The bytes that a load is answered with. */
export function bodyOf({ name, status }, site) {
  if (status !== 200) return Buffer.from(status === 404 ? 'Not Found' : '')
  const file = path.join(site.staticRoot, site.url(name).slice('/static/'.length))
  return readFileSync(name.endsWith('.png') ? file : `${file}.br`)
}
