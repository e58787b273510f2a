// Chromium and WebKitGTK, each through its own driver, which speaks WebDriver as selenium-webdriver does.
import { spawn } from 'node:child_process'
import { Builder, Key, type WebDriver, type WebElement } from 'selenium-webdriver'
import { DriverService } from 'selenium-webdriver/remote'
import { launchOptions } from '../../scripts/browser.ts'
import { findAll, type RunningEngine, type Tab } from './tab.ts'

const KEYS = { Tab: Key.TAB, Enter: Key.ENTER, Escape: Key.ESCAPE }
const isRoot = process.getuid?.() === 0

/** Starts Chromium's driver; each visit is a browser of its own. */
export function startChromium({ chromium, chromedriver }: Record<string, string | undefined>): Promise<RunningEngine> {
  const args = ['--headless=new', ...launchOptions(process.env).args]
  return startDriver(chromedriver!, process.env, { browserName: 'chrome', 'goog:chromeOptions': { binary: chromium, args } })
}

/** Starts WebKitGTK's driver on a screen that nobody sees; each visit is a browser of its own. */
export async function startWebKit({ WebKitWebDriver, Xvfb }: Record<string, string | undefined>): Promise<RunningEngine> {
  const screen = await startScreen(Xvfb!)
  // WebKit's own sandbox cannot be set up by root, and only then is it given up.
  const environment = { ...process.env, DISPLAY: screen.name, ...(isRoot ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' } : {}) }
  const engine = await startDriver(WebKitWebDriver!, environment, { browserName: 'MiniBrowser' })
  return {
    ...engine,
    async stop() {
      await engine.stop()
      screen.stop()
    },
  }
}

/** Runs a driver of its own for each visit: now and then WebKit's never gets through to the browser that it started. */
async function startDriver(program: string, environment: NodeJS.ProcessEnv, capabilities: object): Promise<RunningEngine> {
  async function startBrowser(attempts = 3): Promise<{ driver: WebDriver; close: () => Promise<void> }> {
    const service = new DriverService.Builder(program).setLoopback(true).setEnvironment(environment as Record<string, string>).build()
    try {
      const driver = await inTime(new Builder().usingServer(await service.start()).withCapabilities(capabilities).build())
      return { driver, close: () => driver.quit().finally(() => service.kill()) }
    } catch (error) {
      await service.kill()
      if (attempts === 1) throw error
      console.warn(`${program} is started again: ${error}`)
      return startBrowser(attempts - 1)
    }
  }
  const first = await startBrowser()
  const version = (await first.driver.getCapabilities()).get('browserVersion') as string
  await first.close()
  return {
    version,
    async visit() {
      const { driver, close } = await startBrowser()
      return createTab(driver, close)
    },
    stop: () => Promise.resolve(),
  }
}

/** Rejects where a browser does not start within 15 seconds. */
function inTime<Value>(starting: PromiseLike<Value>): Promise<Value> {
  const limit = AbortSignal.timeout(15_000)
  return Promise.race([starting, new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(limit.reason))
  })])
}

function createTab(driver: WebDriver, close: () => Promise<void>): Tab {
  // At once: a page that scrolls smoothly is still moving when the driver presses.
  const find = (selector: string) => driver.executeScript<WebElement>(`
    const [element] = (${findAll})(arguments[0])
    if (!element) throw new Error(arguments[0] + ' is not there')
    element.scrollIntoView({ block: 'center', behavior: 'instant' })
    return element`, selector)
  return {
    open: (url) => driver.get(url),
    back: () => driver.navigate().back(),
    evaluate: (expression) => driver.executeScript(`return ${expression}`),
    click: async (selector) => (await find(selector)).click(),
    press: (key) => driver.actions().sendKeys(KEYS[key]).perform(),
    type: async (selector, text) => (await find(selector)).sendKeys(text),
    async widen(width) {
      await driver.manage().window().setRect({ x: 0, y: 0, width, height: 900 })
      return driver.executeScript<number>('return innerWidth')
    },
    close,
  }
}

/** An X server without a screen, on the first free number; it writes that number once it can be used. */
async function startScreen(program: string): Promise<{ name: string; stop(): void }> {
  const server = spawn(program, ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const name = await new Promise<string>((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`Xvfb ended with exit code ${code}`)))
    server.stdio[3]!.once('data', (number: Buffer) => resolve(`:${number.toString().trim()}`))
  })
  return { name, stop: () => void server.kill() }
}
