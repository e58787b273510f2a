import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bytes } from '../../core/bytes.ts'
import { formatProof, parseProof, type Receipt, verifyProof, verifyReceipt } from '../../core/receipt.ts'
import { Refusal } from '../../core/refusal.ts'
import { createDevice } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'

let fixture: LedgerFixture
let receipt: Receipt

beforeAll(async () => {
  fixture = await createLedgerFixture()
  const device = await createDevice()
  await fixture.record(await device.decide({ analytics: 'given' }))
  const [result] = await fixture.record(await device.decide({ analytics: 'withdrawn' }))
  receipt = (result as { receipt: Receipt }).receipt
})

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }) as fc.Arbitrary<Bytes>

describe('the text of a proof', () => {
  it('reads back as what was written', () => {
    fc.assert(fc.property(fc.maxSafeNat().filter((index) => index < 1e16), fc.array(hash, { maxLength: 64 }), (index, path) => {
      const { checkpoint } = parseProof(receipt.proof)
      const text = formatProof({ index, path, checkpoint })
      expect(parseProof(text)).toEqual({ index, path: path.map((bytes) => new Uint8Array(bytes)), checkpoint })
      expect(formatProof(parseProof(text))).toBe(text)
    }))
  })

  it('refuses any other text, and never fails in another way', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(() => parseProof(`c2sp.org/tlog-proof@v1\n${text}`)).toThrow(Refusal)))
  })

  it('with any one character changed is refused, or says the very same', async () => {
    const genuine = parseProof(receipt.proof)
    await fc.assert(fc.asyncProperty(fc.nat(receipt.proof.length - 1), fc.constantFrom(...'Aa01+/=\n '), async (at, character) => {
      fc.pre(receipt.proof[at] !== character)
      const changed = receipt.proof.slice(0, at) + character + receipt.proof.slice(at + 1)
      let proof
      try {
        proof = parseProof(changed)
        await verifyProof(receipt.leaf, proof, fixture.keys)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
        return
      }
      expect(proof).toEqual(genuine)
    }), { numRuns: 300 })
  })
})

describe('a receipt', () => {
  it('holds, and with any one character changed does not', async () => {
    expect((await verifyReceipt(receipt, fixture.keys)).index).toBe(6)
    const members = Object.keys(receipt) as (keyof Receipt)[]
    await fc.assert(fc.asyncProperty(fc.constantFrom(...members), fc.nat(), fc.constantFrom(...'Aa01_='), async (member, place, character) => {
      const text: string = receipt[member]
      const at = place % text.length
      fc.pre(text[at] !== character)
      const changed = { ...receipt, [member]: text.slice(0, at) + character + text.slice(at + 1) }
      await expect(verifyReceipt(changed, fixture.keys)).rejects.toBeInstanceOf(Refusal)
    }), { numRuns: 300 })
  })
})
