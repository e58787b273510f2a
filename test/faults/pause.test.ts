// One of two services on a PostgreSQL database is stopped in its tracks and woken later, while the other is under load: the log
// does not fork and nothing acknowledged is lost. A few seconds in CI; `SAYSO_PAUSE_MS=60000 npm run test:faults` for a minute.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFreePort } from '../../scripts/demo-process.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { checkNothingIsLost, Load, readKeys } from './load.ts'
import { Victim } from './victim.ts'

const PAUSE_MS = Number(process.env['SAYSO_PAUSE_MS'] ?? 6000)

let postgres: PostgresServer | undefined
beforeAll(async () => {
  postgres = await startPostgres()
}, 120_000)
afterAll(() => postgres?.stop(), 60_000)

test(`paused for ${PAUSE_MS} ms and woken, a service does not fork the log that another went on with`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-pause-'))
  const shared = { SAYSO_DATABASE_URL: await postgres!.createDatabase(), SAYSO_BASE_URL: 'http://localhost:8787' }
  const [paused, other] = [new Victim(folder, await findFreePort(), shared), new Victim(folder, await findFreePort(), shared)] as const
  let isOver = false
  try {
    await paused.prepare()
    await paused.start()
    await other.start()
    const keys = await readKeys(other.url)
    const loads = [new Load(paused.url), new Load(other.url)] as const
    const work = loads.flatMap((load) => Array.from({ length: 4 }, () => load.work(() => isOver)))
    const until = async (isTrue: () => boolean) => {
      while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await until(() => loads.every(({ acknowledged }) => acknowledged.size > 20))
    paused.child!.kill('SIGSTOP')
    const before = loads.map(({ acknowledged }) => acknowledged.size) as [number, number]
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const meanwhile = loads[1].acknowledged.size - before[1]
    paused.child!.kill('SIGCONT')
    await until(() => loads.every(({ acknowledged }, i) => acknowledged.size > before[i]! + 20))
    isOver = true
    await Promise.all(work)
    await paused.kill('SIGTERM')
    await other.kill('SIGTERM')
    const leaves = await checkNothingIsLost(other, {
      acknowledged: new Map(loads.flatMap(({ acknowledged }) => [...acknowledged])),
      checkpoints: new Set(loads.flatMap(({ checkpoints }) => [...checkpoints])),
    }, keys)
    console.log(`${meanwhile} events acknowledged by the other meanwhile, ${leaves} leaves`)
    expect(meanwhile).toBeGreaterThan(0)
    expect(leaves).toBeGreaterThan(before[0] + before[1])
  } finally {
    isOver = true
    for (const { child } of [paused, other]) if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000 + 2 * PAUSE_MS)
