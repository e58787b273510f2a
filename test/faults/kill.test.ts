// The service is killed under load, at random moments, again and again: nothing that was acknowledged is ever missing, no
// receipt changes, the log goes on from every checkpoint it ever gave out, and starting again needs no hand. A few times in
// CI; `SAYSO_KILLS=200 npm run test:faults` does it in earnest.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFreePort } from '../../scripts/demo-process.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { checkLog, Victim, Sender } from './victim.ts'

const KILLS = Number(process.env['SAYSO_KILLS'] ?? 5)
const SENDERS = 8
/** Longest time that a service lives. */
const LIFE_MS = 600

let postgres: PostgresServer | undefined
beforeAll(async () => {
  postgres = await startPostgres()
}, 120_000)
afterAll(() => postgres?.stop(), 60_000)

describe.each([
  ['SQLite', async () => ({})], ['PostgreSQL', async () => ({ SAYSO_DATABASE_URL: await postgres!.createDatabase() })],
] as const)('over %s', (_name, settings) => {
  test(`killed ${KILLS} times under load, it loses and changes nothing`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sayso-kill-'))
    const victim = new Victim(folder, await findFreePort(), await settings())
    try {
      await victim.prepare()
      const sender = new Sender(victim.url)
      for (let i = 0; i < KILLS; i += 1) {
        await victim.start()
        await sender.during(SENDERS, async () => {
          await sleep(Math.random() * LIFE_MS)
          await victim.kill()
        })
      }
      await victim.start()
      // What got no answer is sent again; what did is told the very same once more.
      await sender.sendOpen()
      await sender.sendAgain()
      const report = await checkLog(victim, sender)
      expect(sender.acknowledged.size).toBeGreaterThan(KILLS)
      console.log(`${KILLS} kills, ${sender.acknowledged.size} events acknowledged, ${sender.checkpoints.size} checkpoints, ${report.leaves} leaves`)
    } finally {
      if (victim.child?.exitCode === null) await victim.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000 + KILLS * 6000)
})
