// A thread that reads lines of an export for server/node/read-pool.ts, which starts it.
import { parentPort } from 'node:worker_threads'
import { type LineReading, readLine } from '../../core/read-line.ts'
import { checkSignatureHere } from './check-signature.ts'
import { useNodeHasher } from './hasher.ts'

useNodeHasher()

parentPort!.on('message', async (texts: string[]) => {
  const readings: LineReading[] = []
  for (const text of texts) readings.push(await readLine(text, checkSignatureHere))
  parentPort!.postMessage(readings)
})
