// What an auditor's policy demands, and what the audit says where an export does not meet it.
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { toBase64 } from '../../core/bytes.ts'
import { formatNoteKey, type NoteSigner, parseCheckpoint, parseNoteKey } from '../../core/checkpoint.ts'
import { cosign } from '../../core/cosignature.ts'
import { splitLines } from '../../core/export.ts'
import { parsePolicy } from '../../core/policy.ts'
import { createStampRequest, readStampResponse } from '../../core/stamp.ts'
import type { Report } from '../../core/report.ts'
import { verifyExport } from '../../core/verify.ts'
import { exportRecord, exportSite } from '../../server/export.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createTsa, hasOpenssl, type Tsa } from '../fixtures/tsa.ts'
import { createLogSigner, createWitnessSigner } from '../fixtures/witness.ts'

const signers: NoteSigner[] = []
const vkeyOf = (i: number) => formatNoteKey(signers[i]!.key)
beforeAll(async () => {
  for (const name of ['a', 'b', 'c', 'd']) signers.push(await createWitnessSigner(`${name}.example`))
})

describe('a policy', () => {
  it('is C2SP tlog-policy text: logs, witnesses, groups, a quorum; comments, tabs and addresses are allowed', async () => {
    const log = await createLogSigner('consent.example/log/shop')
    const policy = parsePolicy(`# ours\n\tlog ${formatNoteKey(log.key)} https://consent.example\n\nwitness A ${vkeyOf(0)}\n witness B\t${vkeyOf(1)} https://b.example/ \nwitness C ${vkeyOf(2)}\ngroup two 2 A B\ngroup one any two C\nquorum one\n`)
    const [a, b, c] = signers.map(({ key }) => ({ key }))
    expect(policy).toEqual({
      logs: [log.key], witnesses: [a!.key, b!.key, c!.key], stampCertificates: [],
      quorum: { threshold: 1, members: [{ threshold: 2, members: [a, b] }, c] },
    })
  })

  it('may demand no cosignature', () => {
    expect(parsePolicy('quorum none').quorum).toBeNull()
  })

  it.each([
    ['no quorum', () => '', 'exactly one quorum'],
    ['two quorums', () => 'quorum none\nquorum none', 'exactly one quorum'],
    ['a quorum of nobody known', () => `quorum A\nwitness A ${vkeyOf(0)}`, 'line 1: “A” is not defined'],
    ['a group that names itself', () => `witness A ${vkeyOf(0)}\ngroup G all A G\nquorum G`, 'line 2: “G” is not defined'],
    ['more demanded than there are', () => `witness A ${vkeyOf(0)}\ngroup G 2 A\nquorum G`, 'line 2: How many'],
    ['none demanded', () => `witness A ${vkeyOf(0)}\ngroup G 0 A\nquorum G`, 'line 2: How many'],
    ['an empty group', () => 'group G all\nquorum G', 'line 1: Expected'],
    ['a member twice', () => `witness A ${vkeyOf(0)}\ngroup G 2 A A\nquorum G`, 'line 2: “A” is a member already'],
    ['a member of two groups', () => `witness A ${vkeyOf(0)}\ngroup G all A\ngroup H all A G\nquorum H`, 'line 3: “A” is a member already'],
    ['a name twice', () => `witness A ${vkeyOf(0)}\nwitness A ${vkeyOf(1)}\nquorum A`, 'line 2: The name “A” is taken'],
    ['a witness called none', () => `witness none ${vkeyOf(0)}\nquorum none`, 'line 1: The name “none” is taken'],
    ['one key under two names', () => `witness A ${vkeyOf(0)}\nwitness B ${vkeyOf(0)}\nquorum A`, 'line 2: This key stands twice'],
    ['the key of a witness as a log’s', () => `log ${vkeyOf(0)}\nquorum none`, 'line 1: Not a log’s'],
    ['a word that is not known', () => 'quorums none', 'line 1: Expected log, witness'],
    ['carriage returns', () => 'quorum none\r\n', 'line 1: There is a control character'],
  ])('with %s is refused', (_, write, message) => {
    expect(() => parsePolicy(write())).toThrow(message)
  })
})

describe('an export under a policy', () => {
  let fixture: LedgerFixture
  let device: Device
  beforeAll(async () => {
    fixture = await createLedgerFixture()
    device = await createDevice()
    await fixture.record(await device.decide({ analytics: 'given' }))
    const note = await fixture.ledger.checkpoint('shop')
    for (const signer of signers.slice(0, 2)) {
      await fixture.store.addCosignature({ site: 'shop', size: 6, witness: formatNoteKey(signer.key), line: await cosign(note, 1_795_000_000, signer) })
    }
  })

  async function audit(policy: string, pieces: AsyncIterable<string> = exportSite('shop', fixture), change = (text: string) => text): Promise<Report> {
    let text = ''
    for await (const piece of pieces) text += piece
    async function* changed() {
      yield change(text)
    }
    return verifyExport(splitLines(changed()), { keys: fixture.keys, policy: parsePolicy(policy) })
  }
  const codesOf = (report: Report) => report.findings.map(({ code }) => code)
  const demand = (count: number | string) => `witness A ${vkeyOf(0)}\nwitness B ${vkeyOf(1)}\nwitness C ${vkeyOf(2)}\ngroup G ${count} A B C\nquorum G`

  it('holds where enough witnesses cosigned, and says who and when', async () => {
    const report = await audit(demand(2))
    expect(report).toMatchObject({ isValid: true, findings: [] })
    expect(report.remarks).toContainEqual({ code: 'cosigned', index: null, detail: `a.example cosigned this checkpoint at ${new Date(1_795_000_000_000).toISOString()}.` })
  })

  it('does not hold where too few did', async () => {
    expect(codesOf(await audit(demand(3)))).toEqual(['witness_quorum'])
    expect(codesOf(await audit(`witness C ${vkeyOf(2)}\nquorum C`))).toEqual(['witness_quorum'])
    expect(codesOf(await audit(`${demand('any')}\n`.replace('group G', `witness D ${vkeyOf(3)}\ngroup H all C D\ngroup G`).replace('A B C', 'A B').replace('quorum G', 'quorum H')))).toEqual(['witness_quorum'])
  })

  it('a record’s holds as well: its proofs lead to the cosigned checkpoint', async () => {
    expect(await audit(demand(2), exportRecord('shop', device.recordId, fixture.clock.nowMs, fixture))).toMatchObject({ isValid: true, findings: [] })
  })

  it('a witness’s line that was tampered with is named, and none counts', async () => {
    const line = (await fixture.store.readCosignatures('shop', 6))[0]!.line.trim()
    const other = (await fixture.store.readCosignatures('shop', 6))[1]!.line.trim()
    const [name, otherMaterial] = [line.split(' ').slice(0, 2).join(' '), other.split(' ')[2]!]
    // The first witness's name and key hash over the second one's signature.
    const forged = toBase64(new Uint8Array([...atob(line.split(' ')[2]!).slice(0, 4), ...atob(otherMaterial).slice(4)].map((character) => character.charCodeAt(0))))
    const report = await audit(demand(1), exportSite('shop', fixture), (text) => text.replace(line, `${name} ${forged}`))
    expect(codesOf(report)).toEqual(['cosignature', 'witness_quorum'])
  })

  it('cosignatures of an earlier checkpoint do not count for a later one; an export can end at the earlier', async () => {
    const own = await createLedgerFixture()
    const note = await own.ledger.checkpoint('shop')
    await own.store.addCosignature({ site: 'shop', size: 5, witness: vkeyOf(0), line: await cosign(note, 1_795_000_000, signers[0]!) })
    await own.record(await (await createDevice()).decide({ analytics: 'refused' }))
    const check = async (pieces: AsyncIterable<string>) => verifyExport(splitLines(pieces), { keys: own.keys, policy: parsePolicy(`witness A ${vkeyOf(0)}\nquorum A`) })
    expect(codesOf(await check(exportSite('shop', own)))).toEqual(['witness_quorum'])
    expect(await check(exportSite('shop', { ...own, cosigned: 1 }))).toMatchObject({ isValid: true, leaves: 5 })
    await expect(exportSite('shop', { ...own, cosigned: 2 }).next()).rejects.toThrow('is cosigned by 2 witnesses')
    // The note of a lower size glued above the cosignature of another.
    const moved = exportSite('shop', own)
    let text = ''
    for await (const piece of moved) text += piece
    const [line] = (await own.store.readCosignatures('shop', 5)).map((one) => JSON.stringify(one.line).slice(1, -1))
    const report = await check((async function* () {
      yield text.replace(/("checkpoint":"[^"]+)"/, (_all, start: string) => `${start}${line!}"`)
    })())
    expect(codesOf(report)).toEqual(['cosignature', 'witness_quorum'])
  })

  test('a stamp that is demanded and not there is named', async () => {
    expect(codesOf(await audit(`quorum none\nstamp ${toBase64(new Uint8Array(8))}`))).toEqual(['stamp_missing'])
  })

  describe.skipIf(!hasOpenssl())('with a stamp', () => {
    let tsa: Tsa
    let stampedSize: number
    beforeAll(async () => {
      tsa = createTsa()
      const note = (await fixture.store.findCheckpoint('shop', 6))!.note
      const nonce = Uint8Array.of(0x41)
      const response = await tsa.answer(new Request('https://tsa.example', { method: 'POST', body: createStampRequest(note, nonce) }))
      const { token } = readStampResponse(new Uint8Array(await response.arrayBuffer()), note, nonce)
      stampedSize = parseCheckpoint(note).size
      await fixture.store.addStamp({ site: 'shop', size: stampedSize, token: toBase64(token), stampedAt: '2026-11-22T10:00:05.000Z' })
      const [later] = await fixture.record(await device.decide({ analytics: 'withdrawn' }, { timeMs: Date.parse('2026-11-22T10:00:02.000Z') }))
      expect(later).toMatchObject({ status: 201 })
    })
    afterAll(() => tsa.close())
    const policy = () => `quorum none\nstamp ${toBase64(tsa.certificate)}`

    it('holds, and says up to where and since when, in a site’s file and a record’s', async () => {
      for (const pieces of [exportSite('shop', fixture), exportRecord('shop', device.recordId, fixture.clock.nowMs, fixture)]) {
        const report = await audit(policy(), pieces)
        expect(report.findings).toEqual([])
        expect(report.remarks).toContainEqual({ code: 'stamped', index: null, detail: expect.stringContaining(`The first 6 of 7 leaves stood in the log at 20`) })
      }
    })

    it('and cosignatures hold across a rotation of the log’s key, for whoever has the new key alone', async () => {
      const own = await createLedgerFixture()
      const nonce = Uint8Array.of(0x41)
      const old = (await own.store.findCheckpoint('shop', 5))!.note
      const response = await tsa.answer(new Request('https://tsa.example', { method: 'POST', body: createStampRequest(old, nonce) }))
      const { token } = readStampResponse(new Uint8Array(await response.arrayBuffer()), old, nonce)
      await own.store.addStamp({ site: 'shop', size: 5, token: toBase64(token), stampedAt: '2026-11-22T10:00:05.000Z' })
      await own.ledger.rotate('shop', 'log')
      const handover = await own.ledger.checkpoint('shop')
      const { size } = parseCheckpoint(handover)
      await own.store.addCosignature({ site: 'shop', size, witness: vkeyOf(0), line: await cosign(handover, 1_795_000_000, signers[0]!) })
      const [current] = await own.ledger.vkeys('shop')
      const report = await verifyExport(splitLines(exportSite('shop', own)), {
        keys: [parseNoteKey(current!)], policy: parsePolicy(`witness A ${vkeyOf(0)}\nquorum A\nstamp ${toBase64(tsa.certificate)}`),
      })
      expect(report).toMatchObject({ isValid: true, findings: [] })
      expect(report.remarks.map(({ code }) => code)).toEqual(expect.arrayContaining(['cosigned', 'stamped']))
    })

    it('by an authority that the policy does not name does not hold', async () => {
      const other = createTsa()
      try {
        expect(codesOf(await audit(`quorum none\nstamp ${toBase64(other.certificate)}`))).toEqual(['stamp_invalid'])
        expect(codesOf(await audit(`${policy()}\nstamp ${toBase64(other.certificate)}`))).toEqual([])
      } finally {
        other.close()
      }
    })

    it.each<[string, (stamp: Record<string, any>, header: Record<string, any>) => void]>([
      ['the proof left out', (stamp) => (stamp['consistency'] = [])],
      ['a proof that is none', (stamp) => (stamp['consistency'] = ['AAAA'])],
      ['the newest checkpoint put in its place', (stamp, header) => Object.assign(stamp, { checkpoint: header['checkpoint'], consistency: [] })],
      ['half a token', (stamp) => (stamp['token'] = stamp['token'].slice(0, 400))],
      ['a token that is not base64', (stamp) => (stamp['token'] = '!')],
    ])('with %s does not hold', async (_, change) => {
      const report = await audit(policy(), exportSite('shop', fixture), (text) => {
        const [first, ...rest] = text.split('\n')
        const header = JSON.parse(first!) as Record<string, any>
        change(header['stamp'], header)
        return [JSON.stringify(header), ...rest].join('\n')
      })
      expect(codesOf(report)).toEqual(['stamp_invalid'])
    })
  })
})
