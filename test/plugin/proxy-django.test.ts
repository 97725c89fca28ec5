import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DevSite, startDevSite } from '../support/dev-site.ts'
import { eventually } from '../support/eventually.ts'
import { describeEachDjango } from '../support/live-django.ts'
import { rawRequest } from '../support/raw-request.ts'

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

  test('the admin lets in who logs in through a tunnel, and nobody from another site', async () => {
    const page = 'https://name-5173.app.github.dev'
    const tunnel = { 'X-Forwarded-Host': new URL(page).host, 'X-Forwarded-Proto': 'https' }
    const statusFrom = async (origin: string) => {
      const { ask, cookies } = visitor()
      await ask('/admin/login/')
      const token = cookies.get('csrftoken')!
      const body = new URLSearchParams({ username: 'admin', password: 'secret', csrfmiddlewaretoken: token })
      const response = await fetch(`${site.origin}/admin/login/?next=/admin/`, {
        ...{ method: 'POST', redirect: 'manual', body },
        headers: {
          ...tunnel,
          Cookie: `csrftoken=${token}`,
          Origin: origin,
          Referer: `${origin}/admin/login/`,
        },
      })
      return response.status
    }
    expect(await statusFrom(page)).toBe(302)
    expect(await statusFrom('https://evil.example')).toBe(403)
    expect(site.output()).toContain('CSRF_TRUSTED_ORIGINS = ["https://evil.example"]')
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
    await eventually(async () =>
      expect((await fetch(`${site.origin}/static/__staticfiles/django`)).status).toBe(204),
    )
    expect((await visitor().ask('/polls/')).status).toBe(200)
  })
})
