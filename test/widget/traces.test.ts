import { expect, test } from 'vitest'
import { listCookieDomains, listCookiePaths, matchesTag } from '../../widget/traces.ts'

test.each([
  ['_ga', '_ga', true], ['_ga', '_ga_1', false], ['_ga*', '_ga_1', true], ['*_id', 'my_id', true], ['*_id', 'my_idea', false],
  ['a.b', 'axb', false], ['a+(b)', 'a+(b)', true], ['*', 'anything', true], ['cto_*_x', 'cto_1_2_x', true],
])('the tag %s and the name %s: %s', (tag, name, expected) => {
  expect(matchesTag(tag, name)).toBe(expected)
})

test('cookies are looked for on the host and on every domain above it', () => {
  expect(listCookieDomains('www.shop.example')).toEqual(['', 'www.shop.example', 'shop.example'])
  expect(listCookieDomains('localhost')).toEqual([''])
})

test('cookies are looked for at every path above the page, with and without a slash', () => {
  expect(listCookiePaths('/a/b.html')).toEqual(['/', '/a', '/a/', '/a/b.html', '/a/b.html/'])
  expect(listCookiePaths('/')).toEqual(['/'])
})
