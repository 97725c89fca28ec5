import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type DevSite, startDevSite } from './support/dev-site.ts'
import { describeChannels, describeEachDjango } from './support/live-django.ts'
import { rawRequest, textFrame, webSocketRequest } from './support/raw-request.ts'

const CLIENT = '<script type="module" src="/static/@id/virtual:staticfiles/client"></script>'

describeEachDjango('behind the proxy', django => {
  let site: DevSite
  beforeAll(async () => {
    site = await startDevSite(django, { mode: 'proxy' })
  })
  afterAll(() => site?.stop())

  /** A browser as far as Django is concerned: it keeps cookies, and says where a form comes from. */
  function visitor() {
    const cookies = new Map<string, string>()
    return {
      cookies,
      async ask(url: string, form?: Record<string, string>, origin = site.origin): Promise<Response> {
        const response = await fetch(site.origin + url, {
          redirect: 'manual',
          headers: {
            Cookie: [...cookies].map(pair => pair.join('=')).join('; '),
            'Sec-Fetch-Dest': 'document',
            ...(form && { Origin: origin }),
          },
          ...(form && { method: 'POST', body: new URLSearchParams(form) }),
        })
        for (const cookie of response.headers.getSetCookie()) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
          cookies.set(name!, value!)
        }
        return response
      },
    }
  }

  async function logIn(origin?: string) {
    const { ask, cookies } = visitor()
    await ask('/admin/login/')
    const form = { username: 'admin', password: 'secret', csrfmiddlewaretoken: cookies.get('csrftoken')! }
    return { ask, response: await ask('/admin/login/?next=/admin/', form, origin) }
  }

  test("a page of Django's gets the client, at the start of its head", async () => {
    const page = await (await visitor().ask('/polls/')).text()
    expect(page).toMatch(new RegExp(`<head>${CLIENT}\\s*<meta charset="utf-8">`))
    expect(page.split(CLIENT)).toHaveLength(2)
  })

  test('the page of an error gets it too, so that it reloads when the error is mended', async () => {
    const response = await visitor().ask('/nowhere/')
    expect(response.status).toBe(404)
    expect(await response.text()).toContain(CLIENT)
  })

  test("redirects stay on Vite's port", async () => {
    expect((await visitor().ask('/admin/')).headers.get('location')).toBe('/admin/login/?next=/admin/')
    // CommonMiddleware writes the host that it was asked under.
    const slash = await visitor().ask('/polls')
    expect(new URL(slash.headers.get('location')!, site.origin).href).toBe(`${site.origin}/polls/`)
  })

  test('the admin lets in who logs in, without any trusted origins', async () => {
    const { ask, response } = await logIn()
    expect([response.status, response.headers.get('location')]).toEqual([302, '/admin/'])
    expect(await (await ask('/admin/')).text()).toContain('Log out')
  })

  test.each(['http://evil.test', 'null'])('a form that comes from %s is refused', async origin => {
    expect((await logIn(origin)).response.status).toBe(403)
  })

  test('an unknown host is refused', async () => {
    const lines = ['GET / HTTP/1.1', 'Host: evil.test', 'Connection: close']
    expect(await rawRequest(site.origin, lines)).toMatch(/^HTTP\/1\.1 403/)
  })

  test('while Django restarts, a page waits for it', async () => {
    await site.stopDjango()
    const page = await visitor().ask('/polls/')
    expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('Waiting for Django')])
    await site.startDjango()
    await vi.waitFor(async () =>
      expect((await fetch(`${site.origin}/static/__staticfiles/django`)).status).toBe(204),
    )
    expect((await visitor().ask('/polls/')).status).toBe(200)
  })
})

describeChannels('WebSockets behind the proxy', django => {
  let site: DevSite
  beforeAll(async () => {
    site = await startDevSite(django, { mode: 'proxy', prepare: addEcho })
  })
  afterAll(() => site?.stop())

  test('are answered by Channels, which sees the origin of the page', async () => {
    const ask = (origin: string, until: string) =>
      rawRequest(site.origin, webSocketRequest('/ws/echo/', `Origin: ${origin}`), {
        send: textFrame('hello'),
        until,
      })
    expect(await ask(site.origin, 'HELLO')).toMatch(/^HTTP\/1\.1 101 .*HELLO/s)
    expect(await ask('http://evil.test', '\r\n\r\n')).toMatch(/^HTTP\/1\.1 403/)
  })
})

const ECHO = `
import os

from channels.generic.websocket import WebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Echo(WebsocketConsumer):
    def receive(self, text_data):
        self.send(text_data.upper())


application = ProtocolTypeRouter({
    "http": get_asgi_application(),
    "websocket": AllowedHostsOriginValidator(URLRouter([path("ws/echo/", Echo.as_asgi())])),
})
`

function addEcho(project: string): void {
  writeFileSync(path.join(project, 'config/asgi.py'), ECHO)
  const settings = 'INSTALLED_APPS.insert(0, "daphne")\nASGI_APPLICATION = "config.asgi.application"\n'
  appendFileSync(path.join(project, 'config/settings.py'), settings)
}
