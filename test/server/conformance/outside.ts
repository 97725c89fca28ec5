import type { Answer } from './ask.ts'
import { type Fact, type FactGroup, fact } from './fact.ts'
import { LINK_OUT } from './site.ts'

function refused(states: string, path: string): Fact {
  return {
    states,
    async measure(ask, site) {
      const answer = await ask(path)
      const after = await ask(site.hashed('css/site.css'))
      return [
        [isRefusal(answer), after.status],
        [true, 200],
      ]
    },
  }
}

/** Neither a file that is not meant to be served, nor a fault of the server. */
function isRefusal({ status, body }: Answer): boolean {
  return status >= 300 && status < 500 && !/a secret|root:|getElementById/.test(body.toString('latin1'))
}

const FOLDERS: readonly [states: string, name: string][] = [
  ['A folder', 'css/'],
  ['… without its slash', 'css'],
  ['… that has an `index.html`', 'docs/'],
  ['The static root', ''],
  ['A file with a slash behind it', 'css/site.css/'],
]

export const OUTSIDE: FactGroup = {
  title: 'What is no file',
  facts: [
    ...FOLDERS.map(([states, name]) =>
      fact(
        `${states}: 404`,
        site => [site.plain(name)],
        () => ({ status: 404 }),
      ),
    ),
    refused('`/static/../secret.txt`', '/static/../secret.txt'),
    refused('`/static/css/../../secret.txt`', '/static/css/../../secret.txt'),
    refused('`/static../secret.txt`', '/static../secret.txt'),
    refused('`/static/../staticfiles-beside/secret.txt`', '/static/../staticfiles-beside/secret.txt'),
    refused('`/static/%2e%2e/secret.txt`', '/static/%2e%2e/secret.txt'),
    refused('`/static/..%2fsecret.txt`', '/static/..%2fsecret.txt'),
    refused('`/static/%252e%252e/secret.txt`', '/static/%252e%252e/secret.txt'),
    refused('`/static/..%5csecret.txt`', '/static/..%5csecret.txt'),
    refused('`/static/..\\secret.txt`', '/static/..\\secret.txt'),
    refused('`/static//etc/passwd`', '/static//etc/passwd'),
    refused('`/static/%2fetc/passwd`', '/static/%2fetc/passwd'),
    refused('`/static/C:/Windows/System.ini`', '/static/C:/Windows/System.ini'),
    refused('A NUL: `/static/css/site.css%00.png`', '/static/css/site.css%00.png'),
    refused('A bad escape: `/static/%zz`', '/static/%zz'),
    refused('No UTF-8: `/static/%ff%fe`', '/static/%ff%fe'),
    refused('Letters that are not escaped', '/static/naïve.txt'),
    refused('A link that leads out', `/static/${LINK_OUT}`),
    refused('A path of 5,000 letters', `/static/${'blah/'.repeat(1000)}`),
    {
      states: 'Headers of 100 KB do no harm',
      async measure(ask, site) {
        const answer = await ask(site.hashed('css/site.css'), { 'X-Long': 'x'.repeat(100_000) }).catch(
          () => undefined,
        )
        const after = await ask(site.hashed('css/site.css'))
        return [
          [answer === undefined || answer.status < 500, after.status],
          [true, 200],
        ]
      },
    },
    {
      states: 'A slash that is escaped is no slash',
      async measure(ask, site) {
        const { status } = await ask(site.hashed('css/site.css').replace('css/', 'css%2F'))
        return [status, 404]
      },
    },
  ],
}
