// Who may speak in a record, as the audit judges it: the first key, what it lets in, and what the service lets in.
import { expect, it } from 'vitest'
import { createMemoryColumn } from '../../core/column.ts'
import { createRandomId } from '../../core/event.ts'
import { Facts } from '../../core/facts.ts'
import { hashText } from '../../core/hash.ts'
import { Findings } from '../../core/report.ts'

const [ANNA, BEN, SERVICE] = [hashText('anna'), hashText('ben'), null]
type Speaker = { kid: string | null; boundBy?: { kid: string | null } }

it.each<[string, Speaker[], string[]]>([
  ['one key all along', [{ kid: ANNA }, { kid: ANNA }], []],
  ['another key', [{ kid: ANNA }, { kid: BEN }], ['record_key']],
  ['another key that the first let in, for good', [{ kid: ANNA }, { kid: BEN, boundBy: { kid: ANNA } }, { kid: BEN }], []],
  ['another key that itself let in', [{ kid: ANNA }, { kid: BEN, boundBy: { kid: BEN } }], ['record_key']],
  ['the service in a browser’s record', [{ kid: ANNA }, { kid: SERVICE }], ['record_key']],
  ['a key that the service let in', [{ kid: SERVICE }, { kid: ANNA, boundBy: { kid: SERVICE } }, { kid: SERVICE }], []],
  ['the service after a first key that it let in: the record is the service’s', [{ kid: ANNA, boundBy: { kid: SERVICE } }, { kid: SERVICE }, { kid: ANNA }], []],
  ['a stranger after such a key', [{ kid: ANNA, boundBy: { kid: SERVICE } }, { kid: BEN }], ['record_key']],
  ['a key that claims to have let in the first', [{ kid: ANNA, boundBy: { kid: BEN } }, { kid: BEN }], ['record_key']],
])('%s', (_, speakers, codes) => {
  const facts = new Facts(createMemoryColumn)
  const recordId = createRandomId()
  for (const [index, { kid, boundBy }] of speakers.entries()) facts.addSpeaker(index, recordId, { kid, boundBy })
  const [findings, remarks] = [new Findings(), new Findings()]
  facts.settle(findings, remarks)
  expect(findings.list().map(({ code }) => code)).toEqual(codes)
})
