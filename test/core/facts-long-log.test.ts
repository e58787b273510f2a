import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type CreateColumn, createMemoryColumn } from '../../core/column.ts'
import { Facts } from '../../core/facts.ts'
import { Findings } from '../../core/report.ts'
import { createColumnFolder } from '../../server/node/column-file.ts'

/** Enough for every bucket to fill a block and begin another. */
const EVENTS = 20_000
const EVENTS_OF_A_RECORD = 4

const digest = (text: string) => createHash('sha256').update(text)
const hashOf = (name: string) => digest(name).digest('base64url')
const recordOf = (name: string) => digest(name).digest().subarray(0, 16).toString('base64url')
const uuidOf = (name: string) => digest(name).digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

/** A long log in order, then what `more` adds to it; the codes found and remarked, with their leaves. */
function settle(createColumn: CreateColumn, more: (facts: Facts) => void): string[] {
  const facts = new Facts(createColumn)
  for (let i = 0; i < EVENTS; i += 1) {
    const record = Math.floor(i / EVENTS_OF_A_RECORD)
    facts.addEvent(i, hashOf(`event ${i}`), {
      event_id: uuidOf(`event ${i}`), record_id: recordOf(`record ${record}`), prev_event_hash: i % EVENTS_OF_A_RECORD === 0 ? null : hashOf(`event ${i - 1}`),
    })
    facts.addSpeaker(i, recordOf(`record ${record}`), { kid: hashOf(`key ${record}`), boundBy: undefined })
  }
  more(facts)
  const [findings, remarks] = [new Findings(), new Findings()]
  facts.settle(findings, remarks)
  return [...findings.list(), ...remarks.list()].map(({ code, index }) => `${code} ${index}`)
}

describe('facts about a long log', () => {
  const folder = createColumnFolder()

  it.each([['memory', createMemoryColumn], ['files', folder.createColumn]])('all hold where the log is in order, remembered in %s', (_where, createColumn) => {
    expect(settle(createColumn, () => {})).toEqual([])
  })

  it.each([['memory', createMemoryColumn], ['files', folder.createColumn]])('contradict one another across any distance, remembered in %s', (_where, createColumn) => {
    const found = settle(createColumn, (facts) => {
      facts.addEvent(EVENTS, hashOf('again'), { event_id: uuidOf('event 7'), record_id: recordOf('record 1'), prev_event_hash: hashOf('event 7') })
      facts.addEvent(EVENTS + 1, hashOf('stray'), { event_id: uuidOf('stray'), record_id: recordOf('record 2'), prev_event_hash: hashOf('event 7') })
      facts.addEvent(EVENTS + 2, hashOf('fork'), { event_id: uuidOf('fork'), record_id: recordOf('record 3'), prev_event_hash: hashOf('event 12') })
      facts.addSpeaker(EVENTS + 3, recordOf('record 0'), { kid: hashOf('stranger'), boundBy: undefined })
      facts.addErasure(EVENTS + 4, hashOf('nowhere'))
    })
    expect(found).toEqual([
      `event_id_duplicate ${EVENTS}`, `prev_event_hash ${EVENTS + 1}`, `record_key ${EVENTS + 3}`, `erasure ${EVENTS + 4}`,
      `fork ${EVENTS + 1}`, `fork ${EVENTS + 2}`,
    ])
  })
})
