// A time stamp is checked in a tab as it is on a server: nothing leaves the page.
import { expect, test } from 'vitest'
import { fromBase64 } from '../../core/bytes.ts'
import { verifyStamp } from '../../core/stamp.ts'
import vector from '../vectors/rfc3161.json'

test('a stamp holds in a browser, and not for another text', async () => {
  const [token, certificate] = [fromBase64(vector.token)!, fromBase64(vector.certificate)!]
  expect(await verifyStamp(token, vector.text, [certificate])).toEqual({ timeMs: Date.parse(vector.time) })
  await expect(verifyStamp(token, `${vector.text}x`, [certificate])).rejects.toMatchObject({ code: 'stamp_invalid' })
})
