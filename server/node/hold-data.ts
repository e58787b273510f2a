// The data of a running service: open, its own alone where it is a folder, and no older than what was given out.
import { mkdir } from 'node:fs/promises'
import type { Environment } from '../cli/environment.ts'
import { describeError } from '../describe-error.ts'
import type { Log } from '../service.ts'
import { checkMarks, forgetMarks, keepHighWater, readMarks } from './high-water.ts'
import { keepAddress } from './known-address.ts'
import { type Data, openData } from './open-data.ts'
import { lockFolder } from './service-lock.ts'

/** Open data; to be closed when nobody uses it any more. */
export interface HeldData extends Data {
  close(): Promise<void>
}

/** Opens the data for a service. Throws a Refusal where another service has it, or where it is older than it was and that is not accepted. */
export async function holdData(environment: Environment, baseUrl: string, { log, isOlderAccepted }: { log: Log; isOlderAccepted: boolean }): Promise<HeldData> {
  const { dataDir, databaseUrl } = environment
  await mkdir(dataDir, { recursive: true })
  const unlock = databaseUrl === undefined ? await lockFolder(dataDir) : () => {}
  try {
    const data = await openData(environment, baseUrl, { log, isServing: true })
    try {
      const marks = await readMarks(dataDir)
      if (isOlderAccepted) await forgetMarks(dataDir, marks)
      else await checkMarks(data.store, marks)
      await keepAddress(dataDir, baseUrl).catch((error: unknown) => log(`keeping the address for commands failed: ${describeError(error)}`))
      const highWater = keepHighWater({ dataDir, store: data.store, marks, onError: (error) => log(`writing how far the logs are failed: ${describeError(error)}`) })
      data.ledger.watch((site) => highWater.grew(site))
      return {
        ...data,
        async close() {
          await highWater.close()
          await data.store.close()
          unlock()
        },
      }
    } catch (error) {
      await data.store.close()
      throw error
    }
  } catch (error) {
    unlock()
    throw error
  }
}
