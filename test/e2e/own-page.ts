// A page of somebody's own: what a marketer has, served from an origin of its own for a site that the demo publishes.
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { ShopPage } from './shop-page.ts'
import type { Stage } from './stage.ts'

/** The page that is served; change `html` and `headers` at any time. */
export class OwnPage {
  html = ''
  headers: Record<string, string> = {}
  readonly #server: Server

  private constructor() {
    this.#server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...this.headers }).end(this.html)
    })
  }

  static async open(): Promise<OwnPage> {
    const page = new OwnPage()
    await new Promise<void>((resolve) => page.#server.listen(0, resolve))
    return page
  }

  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** Publishes the demo's site under another name for this origin, with changes. */
  async publish(stage: Stage, site: string, changes: object = {}): Promise<void> {
    const file = join(stage.dataDir, `${site}.json`)
    writeFileSync(file, JSON.stringify({ ...demoSite, site, origins: [this.origin], ...changes }))
    const { exitCode, stderr } = await stage.run('site', 'publish', file)
    expect(exitCode, stderr).toBe(0)
  }

  /** The tag of a site. */
  tag(stage: Stage, site: string, query = ''): string {
    return `<script async src="${stage.serviceUrl}/v1/sites/${site}/widget.js${query}"></script>`
  }

  /** Opens it in a browser's page; under another host only where the browser was told to find that here. */
  async visit(page: Page, stage: Stage, html: string, host = 'localhost'): Promise<ShopPage> {
    this.html = html
    const visited = new ShopPage(page, { ...stage, shopUrl: this.origin.replace('localhost', host) })
    await visited.open()
    return visited
  }

  close(): void {
    this.#server.close()
  }
}
