import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { isUp, untilDown, untilUp } from '../../src/plugin/dev/django/django-up.ts'
import { freePort } from '../support/processes.ts'

async function listen(port: number, host: string): Promise<() => Promise<void>> {
  const server = createServer()
  const close = () => new Promise<void>(resolve => server.close(() => resolve()))
  onTestFinished(() => void close())
  await new Promise<void>(resolve => server.listen(port, host, resolve))
  return close
}

test('it is up where something listens, at any address of the name', async () => {
  const port = await freePort()
  expect(await isUp(`http://127.0.0.1:${port}`)).toBe(false)
  await listen(port, '127.0.0.1')
  expect(await isUp(`http://127.0.0.1:${port}`)).toBe(true)
  expect(await isUp(`http://localhost:${port}`)).toBe(true)
  expect(await isUp(`http://[::1]:${port}`)).toBe(false)
})

test('it waits until something listens, and until nothing does', async () => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  expect(await untilUp(origin, 0)).toBe(false)
  const up = untilUp(origin, 30_000)
  const close = await listen(port, '127.0.0.1')
  expect(await up).toBe(true)
  expect(await untilDown(origin, 0)).toBe(false)
  const down = untilDown(origin, 30_000)
  await close()
  expect(await down).toBe(true)
})
