/**
 * Lets pages of Django start workers from Vite's server. Browsers refuse workers from other origins, so such a worker
 * starts as a script of the page's own origin, which imports the real one.
 */
export function allowWorkersOfOtherOrigins(): void {
  if (new URL(import.meta.url).origin === location.origin) return
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(isForeign(url) ? starterUrl(String(url), options) : url, options)
    }
  }
}

function isForeign(url: string | URL): boolean {
  const { origin, protocol } = new URL(url, location.href)
  return /^https?:$/u.test(protocol) && origin !== location.origin
}

function starterUrl(url: string, options?: WorkerOptions): string {
  const target = JSON.stringify(new URL(url, location.href).href)
  const code = options?.type === 'module' ? `import ${target}` : `importScripts(${target})`
  return URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
}
