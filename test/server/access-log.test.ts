// The access log: enough to see what happened, nothing to open a link with or to recognise a person by.
import { expect, test } from 'vitest'
import { formatAccess, maskPath } from '../../server/access-log.ts'

const token = 'q'.repeat(43)

test('writes method, path, status and time', () => {
  expect(formatAccess('POST', 'https://consent.example/v1/sites/shop/events', 201, 3.6)).toBe('POST /v1/sites/shop/events 201 4 ms')
})

test('writes links literally as /p/{token} and /u/{token}, and never a query', () => {
  expect(formatAccess('GET', `https://consent.example/p/${token}?lang=de`, 303, 1)).toBe('GET /p/{token} 303 1 ms')
  expect(maskPath(`/u/${token}`)).toBe('/u/{token}')
  expect(maskPath(`/p/${token}/more`)).toBe('/p/{token}')
  expect(formatAccess('GET', 'https://consent.example/p/open?h=secret', 200, 1)).toBe('GET /p/open 200 1 ms')
})

test.each([
  ['/v1/events/01939ab0-0000-7000-8000-000000000000/receipt', '/v1/events/{id}/receipt'],
  ['/v1/records/abcdefghijklmnopqrstuv/export', '/v1/records/{id}/export'],
  ['/v1/sites/shop/contacts/abcdef/links', '/v1/sites/shop/contacts/{id}/links'],
  ['/v1/sites/shop/contacts', '/v1/sites/shop/contacts'],
  ['/p/open', '/p/open'], ['/p/new-link', '/p/new-link'], ['/page/preference-center.css', '/page/preference-center.css'],
])('%s is written %s', (path, written) => {
  expect(maskPath(path)).toBe(written)
})
