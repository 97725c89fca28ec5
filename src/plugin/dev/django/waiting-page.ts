/** What {@link waitingPage} shows. */
export interface Waiting {
  /** Django's origin. */
  readonly target: string
  /** The command that starts it. */
  readonly command: string
  readonly method: string
  readonly url: string
  /** The URL that responds with 204 when Django is back. */
  readonly statusUrl: string
}

/**
 * Returns the page that is shown while Django's server is down. It reloads by itself, unless that would send a form
 * again.
 */
export function waitingPage({ target, command, method, url, statusUrl }: Waiting): string {
  const isSafe = method === 'GET'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Waiting for Django</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.6 system-ui, sans-serif }
  main { max-width: 34rem; padding: 2rem }
  h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 1rem }
  p { margin: 0 0 1rem }
  code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
  pre { margin: 0 0 1rem; padding: .75rem 1rem; border: 1px solid color-mix(in srgb, currentcolor 25%, transparent);
    border-radius: .4rem; overflow: auto }
</style>
</head>
<body>
<main>
<h1>Django does not answer</h1>
<p>No answer came from <code>${escapeHtml(target)}</code> to <code>${escapeHtml(`${method} ${url}`)}</code>. Start it:</p>
<pre><code>${escapeHtml(command)}</code></pre>
<p role="status">${
    isSafe
      ? 'This page reloads as soon as Django is there.'
      : // A path may start with two slashes, which would be another host; an empty link is this very page.
        'The request is not repeated by itself. When Django is there, go back and send it again, or <a href="">open the page</a>.'
  }</p>
</main>
${isSafe ? `<script>${poll(statusUrl)}</script>\n` : ''}</body>
</html>
`
}

function poll(statusUrl: string): string {
  return `
  async function look() {
    const { status } = await fetch(${JSON.stringify(statusUrl)}).catch(() => ({}))
    if (status === 204) location.reload()
    else wait()
  }
  const wait = () => setTimeout(look, 500)
  wait()
`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/gu, character => ENTITIES[character]!)
}
