// Before anything is measured: each banner is the one meant, and offers accept, reject and preferences to a real person.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import type { Peer } from './peers.ts'

/** Throws where a button of a banner is not to be seen. With `folder` it leaves pictures there, before and after preferences were pressed. */
export async function checkPeers(browser: Browser, pages: readonly (Peer & { url: string })[], folder: string | undefined): Promise<void> {
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  for (const { name, url, banner, accept, reject, preferences } of pages) {
    const page = await browser.newPage({ viewport: { width: 412, height: 823 }, locale: 'en-GB' })
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(url, { waitUntil: 'networkidle' })
    const take = async (what: string) => {
      if (folder !== undefined) await page.screenshot({ path: join(folder, `${name.replace(/\W+/g, '-')}-${what}.png`), animations: 'disabled' })
    }
    await take('banner')
    for (const selector of [banner.join(' '), accept, reject, ...(preferences === undefined ? [] : [preferences])]) {
      const found = await page.locator(selector).filter({ visible: true }).count()
      if (found !== 1) problems.push(`${found} visible elements are ${selector}`)
    }
    if (preferences !== undefined && problems.length === 0) {
      await page.locator(preferences).click()
      await take('preferences')
    }
    await page.close()
    if (problems.length > 0) throw new Error(`${name}: ${problems.join('; ')}`)
  }
}
