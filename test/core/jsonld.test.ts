// Records and receipts in the terms of ISO/IEC TS 27560: read by a JSON-LD processor that nobody here wrote, without
// a network, and held against the table in docs/protocol.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
// @ts-expect-error: the package has no types.
import jsonld from 'jsonld'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeReceipt, describeRecord, type DescribedEvent, JSONLD_CONTEXT, type Node } from '../../core/jsonld.ts'
import { verifyReceipt } from '../../core/receipt.ts'
import { exportRecordJsonLd } from '../../server/export-jsonld.ts'
import { createProofSamples, type ProofSamples } from '../preference-center/proof-samples.ts'

const BASE = 'https://consent.example'

/** An expanded node: whole IRIs, every value in a list. */
type Expanded = Record<string, any>

let samples: ProofSamples
let record: Node
let receipt: Node
const fetched: string[] = []

const expand = async (node: Node): Promise<Expanded> => {
  const expanded = await jsonld.expand(JSON.parse(JSON.stringify(node)), {
    safe: true,
    documentLoader: async (url: string) => {
      fetched.push(url)
      throw new Error(`nothing is fetched, not even ${url}`)
    },
  }) as Expanded[]
  expect(expanded).toHaveLength(1)
  return expanded[0]!
}

const iri = (term: string) => {
  if (term.startsWith('@')) return term
  const [prefix, name] = term.split(':')
  return (JSONLD_CONTEXT as unknown as Record<string, string>)[prefix!]! + name
}
const all = (node: Expanded, term: string): Expanded[] => node[iri(term)] ?? []

let described: DescribedEvent

beforeAll(async () => {
  samples = await createProofSamples()
  const { store, ledger } = samples.fixture
  record = (await exportRecordJsonLd('shop', samples.recordId, { store, ledger, baseUrl: BASE }))!
  const [first] = (await store.readRecord('shop', samples.recordId))
  const event = JSON.parse(Buffer.from(first!.payloadPart, 'base64url').toString())
  const notice = JSON.parse((await store.findNotice('shop', first!.noticeHash))!.json)
  described = { event, notice, receivedAt: JSON.parse(first!.leaf).received_at, receipt: samples.receipt }
  receipt = describeReceipt(described, BASE)
})

/** Rows of the table: field, mandatory or optional, our member, DPV term, under which node. */
const rows = readFileSync(join(import.meta.dirname, '../../docs/protocol.md'), 'utf8')
  .split('## ISO/IEC TS 27560 in JSON-LD')[1]!.split('\n## ')[0]!.split('\n')
  .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
  .filter(([, necessity]) => necessity === 'mandatory' || necessity === 'optional')
  .map(([field, necessity, , term, under]) => ({ field: field!, isMandatory: necessity === 'mandatory', term: term!.replaceAll('`', ''), under: under! }))

async function findNodes(): Promise<Record<string, Expanded[]>> {
  const [own, whole] = [await expand(record), await expand(receipt)]
  return {
    record: [own], receipt: [whole], notice: all(own, 'dpv:hasNotice'), process: all(own, 'dpv:hasProcess'),
    'personal data': all(own, 'dpv:hasProcess').flatMap((process) => all(process, 'dpv:hasPersonalData')),
    controller: all(own, 'dpv:hasDataController'), event: all(own, 'dpv:hasConsentStatus'),
  }
}

describe('the table in docs/protocol.md', () => {
  test('lists what TS 27560 makes mandatory', () => {
    expect(rows.filter(({ isMandatory }) => isMandatory).map(({ field }) => field)).toEqual(expect.arrayContaining([
      'schema_version', 'record_id', 'pii_principal_id', 'privacy_notice', 'language', 'purposes', 'purpose', 'pii_information', 'pii_type', 'pii_controllers', 'storage_locations',
      'retention_period', 'jurisdiction', 'recipient_third_parties', 'withdrawal_method', 'party_id', 'party_name', 'party_address', 'party_contact', 'party_type',
      'event_time', 'validity_duration', 'entity_id', 'event_type', 'event_state', 'receipt_id',
    ]))
  })

  test.each(rows)('$field is there as $term, in every $under', async ({ term, under }) => {
    const nodes = (await findNodes())[under]!
    expect(nodes.length).toBeGreaterThan(0)
    for (const node of nodes) {
      const values = [node[iri(term)]].flat()
      expect(values.length, JSON.stringify(node)).toBeGreaterThan(0)
      for (const value of values) expect(value).toBeTruthy()
    }
  })
})

describe('a record', () => {
  test('is well-formed JSON-LD whose every term has a meaning, and asks the network for nothing', async () => {
    // Safe mode refuses members that expand to nothing and relative references.
    const quads = await jsonld.toRDF(JSON.parse(JSON.stringify(record)), { safe: true, format: 'application/n-quads' }) as string
    expect(quads).toContain('<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/dpv#ConsentRecord>')
    expect(quads).toContain('"2026-11-22T10:00:00.000Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>')
    expect(quads).toContain('"Count visits to improve the shop."@en')
    expect(fetched).toEqual([])
  })

  test('has each decision in the order of the log, and each notice and process once', async () => {
    const { event, notice, process } = await findNodes()
    expect(event!.map((node) => node['@type'][0].split('#')[1])).toEqual(['ConsentGiven', 'ConsentRefused', 'ConsentWithdrawn'])
    expect(notice).toHaveLength(1)
    expect(process!.map((node) => node['@id'].split('#')[1])).toEqual(['analytics', 'video'])
  })

  test('carries each receipt unharmed: it still verifies', async () => {
    for (const node of (await findNodes()).event!) {
      const [{ '@value': carried, '@type': type }] = all(node, 'sayso:receipt') as [Expanded]
      expect(type).toBe('@json')
      await expect(verifyReceipt(carried, samples.fixture.keys)).resolves.toMatchObject({ read: { event: { record_id: samples.recordId } } })
    }
  })

  test('says where storage is not told rather than making something up', async () => {
    const [process] = (await findNodes()).process!
    const location = all(process!, 'dpv:hasStorageCondition').find((node) => node['@type'][0] === iri('dpv:StorageLocation'))!
    expect(all(location, 'dct:description')[0]!['@value']).toContain('no statement')
    expect(location[iri('dpv:hasLocation')]).toBeUndefined()
  })

  test('says where storage is in the words of a notice that tells', async () => {
    const told = await expand(describeReceipt({ ...described, notice: { ...described.notice, storage: 'In Norway, at Fjord Hosting AS.' } }, BASE))
    const [process] = all(all(told, 'dpv:hasRecordOfActivity')[0]!, 'dpv:hasProcess')
    const location = all(process!, 'dpv:hasStorageCondition').find((node) => node['@type'][0] === iri('dpv:StorageLocation'))!
    expect(all(location, 'dct:description')).toEqual([{ '@value': 'In Norway, at Fjord Hosting AS.', '@language': 'en' }])
  })

  test('of nobody is none', () => {
    expect(() => describeRecord([], BASE)).toThrow(RangeError)
  })
})

test('a receipt holds its one event’s part of the record', async () => {
  const whole = await expand(receipt)
  expect(whole['@type']).toEqual([iri('dpv:ConsentReceipt')])
  const [inner] = all(whole, 'dpv:hasRecordOfActivity')
  expect(all(inner!, 'dpv:hasConsentStatus').map((node) => all(node, 'dct:type')[0]!['@value'])).toEqual(['explicit', 'explicit'])
})
