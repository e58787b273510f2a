// Load on a service, with all that it acknowledged, and the check that nothing of it is missing.
import { expect } from 'vitest'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { splitLines } from '../../core/export.ts'
import type { Receipt } from '../../core/receipt.ts'
import { verifyExport } from '../../core/verify.ts'
import { createDevice } from '../fixtures/device.ts'
import { SHOP_ORIGIN } from '../fixtures/site.ts'
import type { Victim } from './victim.ts'

/** What was sent, what came back. */
export class Load {
  readonly acknowledged = new Map<string, Receipt>()
  readonly checkpoints = new Set<string>()
  readonly open: string[] = []
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** Sends an event; false where no answer came, and then it has to be sent again. */
  async send(jws: string): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/v1/sites/shop/events`, { method: 'POST', body: jws, headers: { 'content-type': 'text/plain', origin: SHOP_ORIGIN } })
      const receipt = (await response.json()) as Receipt
      if (response.status !== 201 && response.status !== 200) throw new Error(`answered ${response.status}: ${JSON.stringify(receipt)}`)
      const known = this.acknowledged.get(jws)
      if (known) expect(receipt).toEqual(known)
      this.acknowledged.set(jws, receipt)
      this.checkpoints.add(receipt.proof.slice(receipt.proof.indexOf('\n\n') + 2))
      return true
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) return false
      throw error
    }
  }

  /** Sends fresh events until `isOver`, each with a key of its own; what got no answer is kept. */
  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const jws = this.open.pop() ?? (await (await createDevice()).decide({ analytics: 'given' }))
      if (await this.send(jws)) continue
      this.open.push(jws)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

/** The log's keys, from a service that runs. */
export async function readKeys(url: string) {
  return (await (await fetch(`${url}/log/shop/key`)).text()).trim().split('\n').map(parseNoteKey)
}

/** Audits the log: it goes on from every checkpoint given out and has each acknowledged event. Returns its number of leaves. */
export async function checkNothingIsLost(victim: Victim, { acknowledged, checkpoints }: Pick<Load, 'acknowledged' | 'checkpoints'>, keys: Awaited<ReturnType<typeof readKeys>>): Promise<number> {
  const text = await victim.run('export', '--site', 'shop')
  const report = await verifyExport(splitLines((async function* () {
    yield text
  })()), { keys, earlierCheckpoints: [...checkpoints] })
  expect(report.findings).toEqual([])
  const events = new Set(text.split('\n').flatMap((line) => (line.includes('"event":') ? [(JSON.parse(line) as { event: string }).event] : [])))
  expect([...acknowledged.keys()].filter((jws) => !events.has(jws))).toEqual([])
  return report.leaves
}
