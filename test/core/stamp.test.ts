// The same kept stamp as in the browser: this one needs no openssl on the machine.
import { expect, test } from 'vitest'
import { fromBase64 } from '../../core/bytes.ts'
import { verifyStamp } from '../../core/stamp.ts'
import vector from '../vectors/rfc3161.json'

test('a stamp that openssl made holds for its text, its certificate and no other', async () => {
  const [token, certificate] = [fromBase64(vector.token)!, fromBase64(vector.certificate)!]
  expect(await verifyStamp(token, vector.text, [certificate])).toEqual({ timeMs: Date.parse(vector.time) })
  await expect(verifyStamp(token, `${vector.text}x`, [certificate])).rejects.toMatchObject({ code: 'stamp_invalid' })
  const forged = token.map((byte, i) => (i === token.length - 1 ? byte ^ 1 : byte))
  await expect(verifyStamp(forged, vector.text, [certificate])).rejects.toMatchObject({ code: 'stamp_invalid' })
})
