// A thread that reads lines of an export for server/node/read-pool.ts, which starts it.
import { parentPort } from 'node:worker_threads'
import { readLines } from '../../core/read-line.ts'
import { checkSignatureHere } from './check-signature.ts'
import { useNative } from './native.ts'
import { packReadings } from './pack-readings.ts'

useNative()

parentPort!.on('message', async (texts: string[]) => parentPort!.postMessage(packReadings(await readLines(texts, checkSignatureHere))))
