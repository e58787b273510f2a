// The checking page in a browser: what a person who does not trust the service sees, hears and can do.
import { userEvent } from 'vitest/browser'
import axe from 'axe-core'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { renderVerifyPage } from '../../preference-center/render.ts'
import { startVerify } from '../../preference-center/verify.tsx'
import { createProofSamples, type ProofSamples, tamperEvent } from './proof-samples.ts'

let samples: ProofSamples
beforeAll(async () => {
  samples = await createProofSamples()
})

const fetchKey = vi.fn<typeof fetch>()
const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E

/** Waits until something is there; the test's own time limit ends it. */
const until = <T,>(look: () => T | null | undefined | false): Promise<T> => vi.waitFor(() => {
  const found = look()
  if (!found) throw new Error(`not yet: ${look.toString()}`)
  return found
}, { timeout: 10_000 })

function open(language = 'en', host = 'consent.example'): void {
  const page = new DOMParser().parseFromString(renderVerifyPage({
    language, siteName: host, languages: [{ language: 'en', href: '/verify?lang=en' }, { language: 'de', href: '/verify?lang=de' }],
  }), 'text/html')
  document.documentElement.lang = page.documentElement.lang
  document.title = page.title
  document.body.replaceChildren(...page.body.children)
  startVerify({ document, fetch: fetchKey, location: { host } })
}

beforeEach(() => {
  fetchKey.mockReset()
  open()
})
afterEach(() => document.body.replaceChildren())

function pick(text: string, name = 'receipt.json'): void {
  const transfer = new DataTransfer()
  transfer.items.add(new File([text], name))
  find<HTMLInputElement>('file').files = transfer.files
  find('file').dispatchEvent(new Event('change'))
}

async function check(text: string, key = samples.vkey, name?: string): Promise<HTMLElement> {
  pick(text, name)
  find<HTMLTextAreaElement>('key').value = key
  find('submit').click()
  return until(() => document.querySelector<HTMLElement>('[data-verdict]'))
}

const codes = () => [...document.querySelectorAll<HTMLElement>('.findings [data-code]')].map((item) => item.dataset.code)

describe('a receipt', () => {
  test('that holds is said to hold, with its decisions, its place and who signed', async () => {
    const result = await check(samples.receiptText)
    expect(result.dataset.verdict).toBe('holds')
    expect(find('status').textContent).toContain('The receipt holds: the log consent.example/log/shop has exactly this decision as entry 5 of 6')
    expect(result.textContent).toContain('Count visits to improve the shop.')
    expect(result.textContent).toContain('The browser signed this decision itself, with a key that it keeps')
    expect(result.textContent).toContain('Who sat in front of the browser.')
  })

  test.each<[string, (text: string) => string, string]>([
    ['an edited decision', (text) => {
      const receipt = JSON.parse(text)
      return JSON.stringify({ ...receipt, event: tamperEvent(receipt.event, (event) => (event.decisions[1]!.event_state = 'given')) })
    }, 'signature'],
    ['another entry of the log', (text) => text.replace(/(hash\\":\\")(.)/, (_, before: string, first: string) => before + (first === 'A' ? 'B' : 'A')), 'leaf_event'],
    ['a checkpoint that was edited', (text) => text.replace('shop\\n6\\n', 'shop\\n7\\n'), 'checkpoint_signature'],
    ['an extra member', (text) => text.replace('{', '{"note":"trust me",'), 'unknown_member'],
    ['no JSON at all', () => 'I agreed, honestly.', 'json_syntax'],
  ])('with %s does not, and the page names it', async (_, forge, code) => {
    const forged = forge(samples.receiptText)
    expect(forged).not.toBe(samples.receiptText)
    const result = await check(forged)
    expect(result.dataset.verdict).toBe('fails')
    expect(codes()).toContain(code)
    expect(find('status').textContent).toBe('The receipt does not hold. Do not rely on what it says.')
  })

  test('that the service signed holds, and what it cannot show is worth knowing', async () => {
    const result = await check(samples.attestedReceiptText)
    expect(result.dataset.verdict).toBe('holds')
    expect([codes(), result.textContent!.includes('Worth knowing')]).toEqual([['attested'], true])
  })

  test('checked with another log’s key does not hold', async () => {
    const stranger = await createProofSamples()
    await check(samples.receiptText, stranger.vkey)
    expect(codes()).toEqual(['checkpoint_key'])
  })

  test('can be pasted', async () => {
    find<HTMLTextAreaElement>('paste').value = samples.receiptText
    find('paste').dispatchEvent(new Event('input'))
    find<HTMLTextAreaElement>('key').value = samples.vkey
    find('submit').click()
    expect((await until(() => document.querySelector<HTMLElement>('[data-verdict]'))).dataset.verdict).toBe('holds')
  })

  test('can be dropped anywhere on the page', async () => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([samples.receiptText], 'dropped.json'))
    document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }))
    expect(find('status').textContent).toBe('Chosen: dropped.json')
    find<HTMLTextAreaElement>('key').value = samples.vkey
    find('submit').click()
    expect((await until(() => document.querySelector<HTMLElement>('[data-verdict]'))).dataset.verdict).toBe('holds')
  })

  test('a hostile file is text, never markup', async () => {
    const receipt = JSON.parse(samples.receiptText)
    const evil = '<img src=x onerror="document.title=1">'
    await check(JSON.stringify({ ...receipt, event: tamperEvent(receipt.event, (event) => (event.decisions[0]!.statement_text = evil)) }))
    expect(document.querySelector('#result img')).toBeNull()
    expect(find('result').textContent).toContain(evil)
  })
})

describe('an export', () => {
  test('of a whole log holds: counts, and each event with its attestation', async () => {
    const result = await check(samples.siteExport, samples.vkey, 'shop.ndjson')
    expect(find('status').textContent).toContain('all 9 entries are there')
    const counts = [...result.querySelectorAll('ul.plain li')].map((item) => item.textContent)
    expect(counts).toEqual(['2 signed by a browser with its own key', '1 signed by a browser with a key that it did not keep', '1 signed by the service on somebody’s behalf'])
    const rows = [...result.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent))
    expect(rows.map(([index, , , attestation, holds]) => [index, attestation, holds])).toEqual([
      ['5', 'signed by a browser with its own key', 'yes'], ['6', 'signed by a browser with its own key', 'yes'],
      ['7', 'signed by a browser with a key that it did not keep', 'yes'], ['8', 'signed by the service on somebody’s behalf', 'yes'],
    ])
  })

  test('of one record holds, and the page says what that cannot show', async () => {
    const result = await check(samples.recordExport)
    expect(result.dataset.verdict).toBe('holds')
    expect(result.textContent).toContain('Whether the log has others, or lacks some, cannot be seen from it.')
  })

  test('with a withdrawal cut out does not hold, entry by entry', async () => {
    const lines = samples.siteExport.split('\n').filter((line) => !line.startsWith('{"index":6'))
    const result = await check(lines.join('\n'))
    expect(result.dataset.verdict).toBe('fails')
    expect(codes()).toEqual(expect.arrayContaining(['order', 'leaf_count', 'size']))
    expect(result.textContent).toContain('some were removed or added')
  })

  test('of which something does not hold vouches for no entry, however many there are', async () => {
    const lines = samples.siteExport.trimEnd().split('\n')
    const event = lines[6]!
    const many = Array.from({ length: 130 }, (_, i) => event.replace('"index":5', `"index":${9 + i}`))
    const result = await check([...lines.slice(0, -1), ...many, lines.at(-1)].join('\n'))
    expect(result.dataset.verdict).toBe('fails')
    const verdicts = [...result.querySelectorAll('td.verdict')].map((cell) => cell.textContent)
    expect(verdicts).toHaveLength(134)
    expect(verdicts).toContain('no')
    expect(verdicts).not.toContain('yes')
    expect(result.textContent).toMatch(/And \d+ more of the same kinds/)
  })

  test('that is cut off, or not text, is said to be so', async () => {
    await check(samples.siteExport.slice(0, -30))
    expect(codes()).toContain('cut_off')
    open()
    pick('')
    const transfer = new DataTransfer()
    transfer.items.add(new File([samples.siteExport, Uint8Array.of(0xff, 0xfe)], 'broken.ndjson'))
    find<HTMLInputElement>('file').files = transfer.files
    find('file').dispatchEvent(new Event('change'))
    find<HTMLTextAreaElement>('key').value = samples.vkey
    find('submit').click()
    await until(() => document.querySelector('[data-verdict]'))
    expect(codes()).toContain('utf8')
  })
})

describe('the key', () => {
  test('is never taken from the file', async () => {
    pick(samples.siteExport)
    find('submit').click()
    expect(find('status').textContent).toContain('Enter the log’s key')
    expect(document.activeElement).toBe(find('key'))
    expect(document.querySelector('[data-verdict]')).toBeNull()
  })

  test('that is none is said to be none', () => {
    pick(samples.receiptText)
    find<HTMLTextAreaElement>('key').value = 'not a key'
    find('submit').click()
    expect(find('key-error').hidden).toBe(false)
    expect(find('key').getAttribute('aria-invalid')).toBe('true')
    expect(find('key').getAttribute('aria-describedby')).toContain('key-error')
  })

  test('of this service is one request for the key, and the result says that it is weaker', async () => {
    fetchKey.mockResolvedValue(new Response(`${samples.vkey}\n`))
    pick(samples.receiptText)
    find('use-key').click()
    await until(() => find<HTMLTextAreaElement>('key').value === samples.vkey)
    expect(fetchKey.mock.calls.map(([address]) => address)).toEqual(['/log/shop/key'])
    find('submit').click()
    const result = await until(() => document.querySelector<HTMLElement>('[data-verdict]'))
    expect(result.textContent).toContain('if the service cheats, this check cannot tell')
  })

  test('of a log of accesses is that log’s own, and the file holds without a word about decisions', async () => {
    fetchKey.mockResolvedValue(new Response(`${samples.accessVkey}\n`))
    pick(samples.accessExport, 'accesses.ndjson')
    find('use-key').click()
    await until(() => find<HTMLTextAreaElement>('key').value === samples.accessVkey)
    expect(fetchKey.mock.calls.map(([address]) => address)).toEqual(['/log/shop.access/key'])
    find('submit').click()
    const result = await until(() => document.querySelector<HTMLElement>('[data-verdict=holds]'))
    expect(result.textContent).toContain('The export of the whole log consent.example/log/shop.access holds: all 2 entries are there')
    expect(result.textContent).not.toContain('Decisions in this file')
  })

  test('of a log of accesses shows what was altered in it', async () => {
    pick(samples.accessExport.replace('contacts:export', 'contacts:read'), 'accesses.ndjson')
    find<HTMLTextAreaElement>('key').value = samples.accessVkey
    find('submit').click()
    const result = await until(() => document.querySelector<HTMLElement>('[data-verdict=fails]'))
    expect(result.querySelector('[data-code=access_hash]')!.textContent).toContain('Entry 1: The note of an access is not the one that the log recorded')
  })

  test('of another service is not asked for here', async () => {
    open('en', 'elsewhere.example')
    pick(samples.receiptText)
    find('use-key').click()
    await until(() => find('status').textContent!.includes('consent.example/log/shop'))
    expect(fetchKey).not.toHaveBeenCalled()
  })
})

test('checking asks for nothing: no fetch, no beacon, no resource of any kind', async () => {
  const spies = [vi.spyOn(window, 'fetch'), vi.spyOn(navigator, 'sendBeacon'), vi.spyOn(XMLHttpRequest.prototype, 'send')]
  performance.clearResourceTimings()
  await check(samples.siteExport)
  open()
  await check(samples.receiptText)
  for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  expect(fetchKey).not.toHaveBeenCalled()
  expect(performance.getEntriesByType('resource').map(({ name }) => name)).toEqual([])
  for (const spy of spies) spy.mockRestore()
})

test('with the keyboard alone: key, then Check, and the result is announced', async () => {
  pick(samples.receiptText)
  find('paste').focus()
  await userEvent.tab()
  expect(document.activeElement).toBe(find('key'))
  find<HTMLTextAreaElement>('key').value = samples.vkey
  await userEvent.tab()
  expect(document.activeElement).toBe(find('use-key'))
  await userEvent.tab()
  expect(document.activeElement).toBe(find('submit'))
  await userEvent.keyboard('{Enter}')
  await until(() => document.querySelector('[data-verdict]'))
  expect(find('status').getAttribute('role')).toBe('status')
  expect(find('status').textContent).toContain('The receipt holds')
})

describe.each([['en', 'All of it holds', 'Something does not hold'], ['de', 'Alles stimmt', 'Etwas stimmt nicht']])('in %s', (language, holds, fails) => {
  test.each([
    ['before a check', null, null],
    ['after one that holds', () => samples.siteExport, holds],
    ['after one that does not', () => samples.siteExport.replace('"withdrawn"', '"given"').split('\n').slice(0, -3).join('\n'), fails],
  ] as const)('axe finds nothing %s', async (_, text, heading) => {
    open(language)
    if (text) expect((await check(text())).querySelector('h2')!.textContent).toBe(heading)
    const { violations } = await axe.run(document, { rules: { 'frame-tested': { enabled: false } } })
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })
})

test('without a script the form stays away and the command line is there', () => {
  const page = new DOMParser().parseFromString(renderVerifyPage({ language: 'en', siteName: 'x', languages: [] }), 'text/html')
  expect(page.getElementById('check')!.hidden).toBe(true)
  expect(page.querySelector('noscript')!.textContent).toContain('command line')
  expect(page.querySelector('pre')!.textContent).toContain('sayso verify FILE --key VKEY')
})
