import { rawRequest } from '../../support/raw-request.ts'

/** What a server sent back. */
export interface Answer {
  /** 0 where it closed the connection without an answer. */
  readonly status: number
  /** Names in lower case; a repeated one has its values joined. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Asks for a path, which is sent as it is, by GET unless another method is given. */
export type Ask = (
  path: string,
  headers?: Readonly<Record<string, string>>,
  method?: string,
  version?: '1.0' | '1.1',
) => Promise<Answer>

/** Asks a server over one raw connection a request. */
export function asker(origin: string): Ask {
  return async (path, headers = {}, method = 'GET', version = '1.1') => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const received = await rawRequest(origin, [
      `${method} ${path} HTTP/${version}`,
      'Connection: close',
      ...lines,
    ])
    return parse(received)
  }
}

function parse(received: string): Answer {
  const end = received.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = received.slice(0, Math.max(end, 0)).split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  }
  const rest = received.slice(end + 4)
  const body = headers['transfer-encoding'] === 'chunked' ? unchunk(rest) : rest
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body: Buffer.from(body, 'latin1') }
}

/** @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1 */
function unchunk(text: string): string {
  let body = ''
  let rest = text
  for (;;) {
    const size = Number.parseInt(rest, 16)
    if (!(size > 0)) return body
    const start = rest.indexOf('\r\n') + 2
    body += rest.slice(start, start + size)
    rest = rest.slice(start + size + 2)
  }
}
