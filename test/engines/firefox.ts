// Firefox, which speaks WebDriver BiDi by itself, through puppeteer-core: geckodriver is on no package registry.
import { launch, type Page } from 'puppeteer-core'
import type { RunningEngine, Tab } from './tab.ts'

/** Starts Firefox; each visit is a user context of its own. */
export async function startFirefox({ firefox }: Record<string, string | undefined>): Promise<RunningEngine> {
  const browser = await launch({ browser: 'firefox', executablePath: firefox!, headless: true })
  return {
    version: await browser.version(),
    async visit() {
      const context = await browser.createBrowserContext()
      return createTab(await context.newPage(), () => context.close())
    },
    stop: () => browser.close(),
  }
}

function createTab(page: Page, close: () => Promise<void>): Tab {
  return {
    async open(url) {
      await page.goto(url)
    },
    async back() {
      await page.goBack()
    },
    evaluate: (expression) => page.evaluate(expression) as Promise<never>,
    click: (selector) => page.click(selector),
    press: (key) => page.keyboard.press(key),
    type: (selector, text) => page.type(selector, text),
    async widen(width) {
      await page.setViewport({ width, height: 800 })
      return page.evaluate('innerWidth') as Promise<number>
    },
    close,
  }
}
