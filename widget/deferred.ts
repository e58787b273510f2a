// Parked scripts that said `defer` (a module says it, too): they run in order, when the page is there and every other
// script that may run did, as the parser would have run them.
const isWaiting = (script: HTMLScriptElement) => script.isConnected && script.type === 'text/plain' && script.defer && script.dataset.sayso?.match(/\S+/g)?.every((id) => window.sayso!.allowed(id))

async function waitForPage(): Promise<void> {
  if (document.readyState === 'loading') await new Promise((done) => document.addEventListener('DOMContentLoaded', done))
}

function run(script: HTMLScriptElement): Promise<unknown> | undefined {
  // Put in by code it would else run whenever it is there; modules without an address then keep their order, too.
  script.async = script.hasAttribute('async')
  script.type = script.dataset.saysoType ?? ''
  script.replaceWith(script)
  if (!script.src || script.async) return undefined
  return new Promise((done) => {
    script.addEventListener('load', done)
    script.addEventListener('error', done)
  })
}

let running: Promise<void> | undefined

async function runAll(getLastScript: () => Promise<unknown>): Promise<void> {
  await waitForPage()
  for (;;) {
    await getLastScript()
    const next = [...document.querySelectorAll<HTMLScriptElement>('script[data-sayso][defer]')].find(isWaiting)
    if (!next) return
    await run(next)
  }
}

/** Runs those that may, one after the other; `getLastScript` says when the others did. */
export function runDeferred(getLastScript: () => Promise<unknown>): Promise<void> {
  return running ??= runAll(getLastScript).finally(() => {
    running = undefined
  })
}
