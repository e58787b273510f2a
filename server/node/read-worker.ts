// A thread that reads lines of an export for server/node/read-pool.ts, which starts it.
import { parentPort } from 'node:worker_threads'
import { type LineReading, readLine } from '../../core/read-line.ts'
import { createSignatureCheck } from './check-signature.ts'

const check = createSignatureCheck()

parentPort!.on('message', async (texts: string[]) => {
  const readings: LineReading[] = []
  for (const text of texts) readings.push(await readLine(text, check))
  parentPort!.postMessage(readings)
})
