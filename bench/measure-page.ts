// One visit, and the one after it: a new browser context, a page in it, what its banner costs, Reject pressed, and the
// page opened once more by somebody who has decided.
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright'
import { watchTraffic } from './traffic.ts'
import { type Seen, watchBanner } from './watch-banner.ts'

/** How the network and the processor behave. */
export interface Profile {
  name: string
  network?: { latencyMs: number; downloadKilobits: number; uploadKilobits: number }
  cpuSlowdown: number
}

/** A page to measure. */
export interface Measurable {
  name: string
  url: string
  banner: readonly string[]
  reject?: string
}

/** What one visit came to. */
export interface Visit {
  shownMs: number
  firstBytes: number
  firstRequests: number
  /** Everything of the first visit, what comes after the banner included. */
  allBytes: number
  scriptMs: number
  longTasks: number
  longTaskMs: number
  layoutShift: number
  heapBytes: number
  rejectMs?: number
  returningBytes?: number
}

const bannerTimeoutMs = 30_000

/** Opens the page as a new visitor; with `isReturning`, once more after the refusal. */
export async function measurePage(browser: Browser, measured: Measurable, profile: Profile, isReturning: boolean): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 }, locale: 'en-GB' })
  try {
    await context.addInitScript(watchBanner, [...measured.banner])
    const { page, cdp, traffic, told } = await open(context, profile)
    const shown = told('shown').then(() => traffic.mark())
    await page.goto(measured.url)
    await within(shown, `the banner of ${measured.name}`)
    await traffic.settle()

    const scriptMs = await readScriptMs(cdp)
    const seen = await read(page)
    const { bytes: firstBytes, requests: firstRequests } = traffic.countMarked()
    const { bytes: allBytes } = traffic.count()
    await cdp.send('HeapProfiler.collectGarbage')
    const { usedSize: heapBytes } = await cdp.send('Runtime.getHeapUsage')
    const visit: Visit = {
      shownMs: seen.shownMs!, firstBytes, firstRequests, allBytes, scriptMs,
      longTasks: seen.longTasks.length, longTaskMs: seen.longTasks.reduce((sum, ms) => sum + ms, 0), layoutShift: seen.layoutShift, heapBytes,
    }
    if (measured.reject === undefined) return visit

    const gone = told('gone')
    await page.locator(measured.reject).click()
    await within(gone, `the banner of ${measured.name} to go`)
    visit.rejectMs = (await read(page)).goneAfterMs!
    if (isReturning) {
      await traffic.settle()
      await page.close()
      visit.returningBytes = await countReturning(context, measured, profile)
    }
    return visit
  } finally {
    await context.close()
  }
}

async function countReturning(context: BrowserContext, measured: Measurable, profile: Profile): Promise<number> {
  const { page, traffic } = await open(context, profile)
  await page.goto(measured.url)
  await traffic.settle()
  if ((await read(page)).shownMs !== undefined) throw new Error(`${measured.name} asks somebody who has decided.`)
  return traffic.count().bytes
}

async function open(context: BrowserContext, { network, cpuSlowdown }: Profile) {
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  const traffic = await watchTraffic(cdp)
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
  if (network) {
    const bytesPerSecond = (kilobits: number) => (kilobits * 1000) / 8
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false, latency: network.latencyMs,
      downloadThroughput: bytesPerSecond(network.downloadKilobits), uploadThroughput: bytesPerSecond(network.uploadKilobits),
    })
  }
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown })
  await cdp.send('Performance.enable')
  await cdp.send('Runtime.enable')
  await cdp.send('Runtime.addBinding', { name: 'benchTell' })
  const told = (what: string) => new Promise<void>((resolve) => {
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === 'benchTell' && payload === what) resolve()
    })
  })
  return { page, cdp, traffic, told }
}

function read(page: Page): Promise<Seen> {
  return page.evaluate(() => window.benchRead())
}

/** Milliseconds in which scripts were compiled and ran, of the whole visit so far. */
async function readScriptMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  const seconds = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0
  return (seconds('ScriptDuration') + seconds('V8CompileDuration')) * 1000
}

async function within<T>(event: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`Waited in vain for ${what}.`)), bannerTimeoutMs)
  try {
    return await Promise.race([event, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
