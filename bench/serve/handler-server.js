// node handler-server.js STATIC_ROOT LOAD PORT_OF_THE_CONSTANT PORT_OF_THE_HANDLER PORT_OF_THE_CONSTANT_AGAIN
import { createServer } from 'node:http'
import { createStaticHandler } from '../../dist/server.mjs'
import { constantListener } from './constant.js'

const [root, load, ...ports] = process.argv.slice(2)
const handler = createStaticHandler({ root })
const constant = () => constantListener(handler, JSON.parse(load))
const listeners = [await constant(), handler, await constant()]
for (const [index, listener] of listeners.entries())
  createServer(listener).listen(Number(ports[index]), '127.0.0.1')
