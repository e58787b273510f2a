// Addresses: what people type is taken as it is, what no mail could go to is not, and a page shows only a hint.
import { expect, test } from 'vitest'
import { maskEmail, readEmail } from '../../server/email-address.ts'

test.each(['ada@example.org', 'ada.lovelace+shop@mail.example.co.uk', "o'brien@example.org", 'jörg@müller.example', '用户@例子.公司', '1@1.example', `${'a'.repeat(64)}@example.org`])('%s is an address', (text) => {
  expect(readEmail(` ${text}\n`)).toBe(text)
})

test.each([
  '', ' ', 'ada', '@example.org', 'ada@', 'ada@example', 'ada@-example.org', 'ada@example-.org', 'ada@exa mple.org', 'ada@@example.org', 'ada@example..org', 'ada@example.org.',
  'ada@example.org, eve@example.org', 'Ada <ada@example.org>', 'ada@example.org\nBcc: eve@example.org', '"ada"@example.org', `${'a'.repeat(65)}@example.org`, `ada@${'a.'.repeat(130)}org`,
])('%j is none', (text) => {
  expect(readEmail(text)).toBeUndefined()
})

test.each([['ada@example.org', 'a•••@example.org'], ['x@y.example', 'x•••@y.example'], ['𝒜da@example.org', '𝒜•••@example.org']])('%s is shown as %s', (address, masked) => {
  expect(maskEmail(address)).toBe(masked)
})
