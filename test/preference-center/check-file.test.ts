// Checking files of any size: read piece by piece, with word of how far it has come.
import { beforeAll, expect, test } from 'vitest'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { auditReceipt } from '../../core/verify-receipt.ts'
import { checkFile, type Progress, readOrigin } from '../../preference-center/check-file.ts'
import { createProofSamples, type ProofSamples } from './proof-samples.ts'

let samples: ProofSamples
beforeAll(async () => {
  samples = await createProofSamples()
})

/** A file as a browser has it, which nobody may read whole; `pieceBytes` come at a time. */
function createLargeFile(text: string, pieceBytes: number): { file: Blob; mostUnread: () => number } {
  const bytes = new TextEncoder().encode(text)
  let mostUnread = 0
  const forbid = () => Promise.reject(new Error('the file was read whole'))
  const file = {
    size: 5 * 1024 * 1024, text: forbid, arrayBuffer: forbid, slice: (start: number, end: number) => new Blob([bytes.slice(start, end)]),
    stream: () => {
      let at = 0
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          mostUnread = Math.max(mostUnread, pieceBytes * (1 - (controller.desiredSize ?? 0)))
          if (at >= bytes.length) controller.close()
          else controller.enqueue(bytes.slice(at, (at += pieceBytes)))
        },
      })
    },
  }
  return { file: file as unknown as Blob, mostUnread: () => mostUnread }
}

test('an export is read piece by piece, never whole, and characters cut in two survive', async () => {
  const { file, mostUnread } = createLargeFile(samples.siteExport, 7)
  const seen: Progress[] = []
  const result = await checkFile(file, [parseNoteKey(samples.vkey)], (progress) => seen.push({ ...progress }))
  expect(result).toMatchObject({ kind: 'export', report: { isValid: true, leaves: 9, events: { device: 2, ephemeral: 1, server: 1 } } })
  expect(mostUnread()).toBeLessThanOrEqual(7)
  expect(seen.at(-1)!.leaves).toBeGreaterThan(9)
  expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
  expect(seen.at(-1)!.bytes).toBe(new TextEncoder().encode(samples.siteExport).length)
})

test('the log that a file names is found without reading on, and is undefined where it names none', async () => {
  expect(await readOrigin(createLargeFile(samples.siteExport, 64).file)).toBe('consent.example/log/shop')
  expect(await readOrigin(new Blob([samples.receiptText]))).toBe('consent.example/log/shop')
  for (const text of ['', 'null', '[]', '{"proof":7}', '"']) expect(await readOrigin(new Blob([text]))).toBeUndefined()
})

test.each(['', 'null', '[]', '7', '{"format":"sayso-receipt/1","event":7}', '{"format":"sayso-export/1"}', '\ufeff{}', '{"event":"a.b.c"}'])('%j never throws, and never holds', async (text) => {
  const result = await checkFile(new Blob([text]), [parseNoteKey(samples.vkey)])
  expect(result.report.isValid).toBe(false)
  expect(result.report.findings.length).toBeGreaterThan(0)
})

test('of a receipt the page says what the command says: the same report', async () => {
  const keys = [parseNoteKey(samples.vkey)]
  for (const text of [samples.receiptText, samples.attestedReceiptText, samples.receiptText.replace('shop\\n6\\n', 'shop\\n7\\n'), '{"format":"sayso-receipt/1","event":7}']) {
    const { report } = await checkFile(new Blob([text]), keys)
    expect(report).toEqual((await auditReceipt(text, { keys })).report)
  }
})

test('a receipt that the service signed itself holds, with the remark that it cannot show the service’s key in the log', async () => {
  const result = await checkFile(new Blob([samples.attestedReceiptText]), [parseNoteKey(samples.vkey)])
  expect(result).toMatchObject({ kind: 'receipt', report: { isValid: true, events: { server: 1, device: 0 }, remarks: [{ code: 'attested' }] } })
})
