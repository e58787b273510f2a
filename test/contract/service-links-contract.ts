// Links through any transport. Each rule of DESIGN's "Links" has its test here.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createToken } from '../../server/link.ts'
import { createNotice, SHOP_ORIGIN } from '../fixtures/site.ts'
import { askForLink, callAsOperator, linkIn, optIn, OWN_FORM, PreferenceVisit, statesOf, subscribe } from './preference-visit.ts'
import type { OpenStage, ServiceStage } from './service-stage.ts'

const DAY_MS = 86_400_000
const ONE_CLICK = { method: 'POST', body: 'List-Unsubscribe=One-Click', headers: { 'content-type': 'application/x-www-form-urlencoded' } }

/** What every page behind a link must carry. */
const PRIVATE = {
  'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-robots-tag': expect.stringContaining('noindex'), 'x-content-type-options': 'nosniff',
}
const POLICY = ["default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]

const randomToken = () => createToken((length) => crypto.getRandomValues(new Uint8Array(length)))

export function describeLinks(openStage: OpenStage): void {
  let stage: ServiceStage

  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.close())

  const page = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => stage.send(path, { ...init, headers: { accept: 'text/html', ...init.headers } })
  const logAndMails = async () => [await stage.logSize(), stage.mails.length]

  async function operatorLink(kind: 'P' | 'U', { site = 'shop', email = 'ada@example.org', purposeId }: { site?: string; email?: string; purposeId?: string } = {}): Promise<string> {
    const { id } = (await (await callAsOperator(stage, `/v1/sites/${site}/contacts`, { email, ask: false })).json()) as { id: string }
    const made = await callAsOperator(stage, `/v1/sites/${site}/contacts/${id}/links`, { kind, ...(purposeId === undefined ? {} : { purpose_id: purposeId }) })
    return ((await made.json()) as { url: string }).url
  }

  describe('looking', () => {
    test('fifty GETs and HEADs of every link and page change nothing', async () => {
      const { confirmation, visit } = await subscribe(stage)
      const mail = await optIn(stage, 'eve@example.org')
      const before = [...(await logAndMails()), await statesOf(stage), await statesOf(stage, 'eve@example.org')]
      for (const url of [linkIn(confirmation, 'p'), linkIn(confirmation, 'u'), linkIn(mail, 'p'), linkIn(mail, 'u'), '/p/open?saved=none&action_id=unsubscribe_all']) {
        for (let i = 0; i < 5; i += 1) {
          await new PreferenceVisit(stage).open(url)
          await page(url, { method: 'HEAD', headers: { cookie: visit.cookie! } })
        }
      }
      await stage.app.settle()
      expect([...(await logAndMails()), await statesOf(stage), await statesOf(stage, 'eve@example.org')]).toEqual(before)
    })

    test('opening takes the token out of the address and gives a cookie of its own', async () => {
      const url = await operatorLink('P')
      const response = await page(url)
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toMatch(/^\/p\/open\?h=[\w-]{22}$/)
      const cookie = response.headers.getSetCookie()[0]!
      expect(cookie).toMatch(/^\w+=[\w-]{43}; Path=\/p; Max-Age=1800; HttpOnly; SameSite=Lax(; Secure)?$/)
      expect(cookie.endsWith('; Secure')).toBe(stage.baseUrl.startsWith('https:'))
      const token = url.split('/').at(-1)!
      expect(response.headers.get('location')! + cookie).not.toContain(token)
      expect(Object.fromEntries(response.headers)).toMatchObject(PRIVATE)
    })

    test('every page behind a link is private: no referrer, no copy, no index, nothing from elsewhere, no frame', async () => {
      const visit = await new PreferenceVisit(stage).open(await operatorLink('P'))
      const answers = await Promise.all(['/p/open', await operatorLink('U'), `/p/${randomToken()}`, `/u/${randomToken()}`, '/p/new-link'].map((path) => page(path, { headers: { cookie: visit.cookie! } })))
      for (const answer of answers) {
        expect(Object.fromEntries(answer.headers)).toMatchObject(PRIVATE)
        expect(answer.headers.get('content-security-policy')!.split('; ').sort()).toEqual([...POLICY].sort())
        // A link to the website is no request; nothing else leads out.
        expect((await answer.text()).replace(/<a [^>]*>/g, '')).not.toMatch(/(?:src|href|action)="https?:\/\//)
      }
    })

    test('addresses in links come from the settings, whatever the Host header says', async () => {
      const response = await page(await operatorLink('P'), { headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' } })
      expect(response.headers.get('location')).toMatch(/^\/p\/open/)
      const mail = await optIn(stage)
      expect(linkIn(mail, 'p').startsWith(stage.baseUrl)).toBe(true)
    })
  })

  describe('a link that does not open', () => {
    test('is one and the same 404, whether unknown, foreign, revoked or no token at all, and offers a new link', async () => {
      const withdrawal = await operatorLink('U')
      const older = linkIn(await askForLink(stage), 'p')
      const newer = linkIn(await askForLink(stage), 'p')
      const visit = await new PreferenceVisit(stage).open(newer)
      await visit.save(['newsletter'])
      const bodies = new Set<string>()
      for (const path of [older, withdrawal.replace('/u/', '/p/'), newer.replace('/p/', '/u/'), `/p/${randomToken()}`, `/u/${randomToken()}`, '/p/x', `${newer}=`, `/p/${'%41'.repeat(43)}`]) {
        const response = await page(path)
        expect(response.status).toBe(404)
        bodies.add(await response.text())
      }
      expect(bodies.size).toBe(1)
      expect([...bodies][0]).toContain('action="/p/new-link')
    })

    test('also answers a POST with that page', async () => {
      for (const path of [`/p/${randomToken()}`, `/u/${randomToken()}`]) expect((await page(path, ONE_CLICK)).status).toBe(404)
      expect((await page('/p/open', { ...ONE_CLICK, headers: { ...ONE_CLICK.headers, ...OWN_FORM } })).status).toBe(404)
    })

    test('another spelling of a token is another token', async () => {
      const url = await operatorLink('P')
      const last = url.at(-1)!
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      // The last of 43 characters carries two bits that no byte needs: its neighbour decodes to the same bytes.
      const sameBytes = url.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1]
      expect([(await page(url)).status, (await page(sameBytes)).status]).toEqual([303, 404])
    })

    test('a link of one site shows and changes nothing of another', async () => {
      await subscribe(stage)
      const visit = await new PreferenceVisit(stage).open(await operatorLink('P', { site: 'other' }))
      expect(visit.ticked).toEqual([])
      await visit.unsubscribeAll()
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
    })
  })

  describe('a link past its time', () => {
    test('lives 30 days if sent unasked, 24 hours if asked for', async () => {
      const sent = await operatorLink('P')
      const asked = linkIn(await askForLink(stage), 'p')
      stage.clock.nowMs += DAY_MS
      expect([(await page(sent)).status, (await page(asked)).status]).toEqual([303, 200])
      stage.clock.nowMs += 29 * DAY_MS
      expect((await page(sent)).status).toBe(200)
    })

    test('shows nothing about the person, but ends everything with one press', async () => {
      const { confirmation } = await subscribe(stage)
      stage.clock.nowMs += 31 * DAY_MS
      const visit = await new PreferenceVisit(stage).open(linkIn(confirmation, 'p'))
      expect(visit.status).toBe(200)
      expect(visit.html).not.toMatch(/example\.org|•|newsletter|Send me the/)
      expect(visit.html).toContain('action="/p/new-link')
      await visit.unsubscribeAll()
      expect([visit.status, visit.html.includes('You get no more messages')]).toEqual([200, true])
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
      const before = await logAndMails()
      await visit.open(linkIn(confirmation, 'p'))
      await visit.unsubscribeAll()
      expect(await stage.logSize()).toBe(before[0])
    })

    test('grants nothing, whatever is posted', async () => {
      const mail = await optIn(stage)
      stage.clock.nowMs += 31 * DAY_MS
      const visit = await new PreferenceVisit(stage).open(linkIn(mail, 'p'))
      await visit.post([['purpose', 'newsletter'], ['action_id', 'confirm']])
      expect(await statesOf(stage)).toEqual({})
    })

    test('to withdraw only has no such time', async () => {
      const { confirmation } = await subscribe(stage)
      stage.clock.nowMs += 400 * DAY_MS
      expect((await page(linkIn(confirmation, 'u'), ONE_CLICK)).status).toBe(200)
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
    })

    test('that I asked for is revoked by the first save through a newer one, not by opening that', async () => {
      await operatorLink('P')
      const [older, newer] = [linkIn(await askForLink(stage), 'p'), linkIn(await askForLink(stage), 'p')]
      const visit = await new PreferenceVisit(stage).open(newer)
      expect((await page(older)).status).toBe(303)
      await visit.save(['offers'])
      expect([(await page(older)).status, (await page(newer)).status]).toEqual([404, 303])
    })
  })

  describe('a visit', () => {
    test('without cookies goes on by its handle, for ten minutes', async () => {
      await subscribe(stage)
      const visit = await new PreferenceVisit(stage, { hasCookies: false }).open(await operatorLink('P'))
      expect(visit.field('h')).toMatch(/^[\w-]{22}$/)
      await visit.save(['newsletter', 'offers'])
      expect(visit.html).toContain('Your choices are saved')
      expect(await statesOf(stage)).toMatchObject({ offers: 'given' })
      stage.clock.nowMs += 10 * 60_000
      await visit.save([])
      expect(visit.status).toBe(404)
      expect(await statesOf(stage)).toMatchObject({ offers: 'given' })
    })

    test('with its cookie needs no handle, and ends after 30 minutes', async () => {
      const visit = await new PreferenceVisit(stage).open(await operatorLink('P'))
      expect(visit.field('h')).toBeUndefined()
      stage.clock.nowMs += 29 * 60_000
      expect((await visit.open('/p/open')).status).toBe(200)
      stage.clock.nowMs += 60_000
      expect((await visit.open('/p/open')).status).toBe(404)
    })

    test('cannot be opened with a handle in the cookie’s place', async () => {
      const location = (await page(await operatorLink('P'))).headers.get('location')!
      const handle = new URL(location, stage.baseUrl).searchParams.get('h')!
      expect((await page('/p/open', { headers: { cookie: `sayso_visit=${handle}` } })).status).toBe(404)
    })

    test('ends when its link is revoked', async () => {
      await operatorLink('P')
      const [older, newer] = [linkIn(await askForLink(stage), 'p'), linkIn(await askForLink(stage), 'p')]
      const visit = await new PreferenceVisit(stage).open(older)
      const other = await new PreferenceVisit(stage).open(newer)
      await other.save(['newsletter'])
      await visit.save(['offers'])
      expect(visit.status).toBe(404)
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
    })
  })

  describe('a form', () => {
    let visit: PreferenceVisit
    beforeEach(async () => {
      ({ visit } = await subscribe(stage))
      await visit.open('/p/open')
    })
    const withdraw = (headers: Record<string, string>) => visit.post([['action_id', 'unsubscribe_all']], { headers })

    test.each<[string, Record<string, string>]>([
      ['our own origin', { origin: 'own', 'sec-fetch-site': 'same-origin' }], ['our own origin in an older browser', { origin: 'own' }],
      ['an opaque origin that is our own page', OWN_FORM], ['an opaque origin in an older browser', { origin: 'null' }], ['no origin in an older browser', {}],
    ])('from %s is taken', async (_name, headers) => {
      await withdraw(headers.origin === 'own' ? { ...headers, origin: stage.baseUrl } : headers)
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
    })

    test.each<[string, Record<string, string>]>([
      ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }], ['another site in an older browser', { origin: 'https://evil.example' }],
      ['the shop itself', { origin: SHOP_ORIGIN, 'sec-fetch-site': 'cross-site' }], ['an opaque origin across sites', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
      ['an opaque origin on a sibling host', { origin: 'null', 'sec-fetch-site': 'same-site' }], ['our own origin across sites', { origin: 'own', 'sec-fetch-site': 'cross-site' }],
    ])('from %s is refused and changes nothing', async (_name, headers) => {
      const response = await withdraw(headers.origin === 'own' ? { ...headers, origin: stage.baseUrl } : headers)
      expect(response.status).toBe(403)
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
    })

    test.each([['none', ''], ['another', 'A'.repeat(43)]])('with %s of its secret is shown again, and changes nothing', async (_name, csrf) => {
      await visit.post([['csrf', csrf], ['action_id', 'unsubscribe_all']])
      expect([visit.status, visit.html.includes('open for too long')]).toEqual([403, true])
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
      await visit.unsubscribeAll()
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
    })

    test('with the secret of another visit is not taken', async () => {
      const other = await new PreferenceVisit(stage).open(await operatorLink('P', { email: 'eve@example.org' }))
      await visit.post([['csrf', other.field('csrf')!], ['action_id', 'unsubscribe_all']])
      expect([visit.status, await statesOf(stage)]).toEqual([403, { newsletter: 'given' }])
    })

    test('posted to the link itself does the same, with the same secret', async () => {
      const url = await operatorLink('P')
      await visit.open(url)
      await visit.post([['action_id', 'unsubscribe_all']], { action: url })
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
      expect((await page(url, { ...ONE_CLICK, headers: { ...ONE_CLICK.headers, ...OWN_FORM } })).status).toBe(403)
    })

    test('that is too large, or no form, is refused', async () => {
      expect((await visit.post([['purpose', 'x'.repeat(256 * 1024)]])).status).toBe(413)
      await visit.open('/p/open')
      expect((await page('/p/open', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', cookie: visit.cookie!, ...OWN_FORM } })).status).toBe(415)
      expect(await statesOf(stage)).toEqual({ newsletter: 'given' })
    })
  })

  describe('one-click unsubscribing', () => {
    const multipart = () => {
      const body = new FormData()
      body.set('List-Unsubscribe', 'One-Click')
      return { method: 'POST', body }
    }

    test.each([['urlencoded', () => ONE_CLICK], ['multipart', multipart]])('as %s ends it: no cookie, no redirect; a repeat writes no leaf and sends no mail', async (_name, init) => {
      const { confirmation } = await subscribe(stage)
      const url = linkIn(confirmation, 'u')
      const [size, mails] = await logAndMails()
      const response = await stage.send(url, init())
      expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
      expect(await response.text()).toContain('You are unsubscribed')
      await stage.app.settle()
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
      expect(await logAndMails()).toEqual([size! + 1, mails! + 1])
      for (let i = 0; i < 3; i += 1) expect((await stage.send(url, init())).status).toBe(200)
      await stage.app.settle()
      expect(await logAndMails()).toEqual([size! + 1, mails! + 1])
    })

    test('twice at the same moment still is once', async () => {
      const { confirmation } = await subscribe(stage)
      const size = await stage.logSize()
      await Promise.all([1, 2, 3].map(() => stage.send(linkIn(confirmation, 'u'), ONE_CLICK)))
      expect(await stage.logSize()).toBe(size + 1)
    })

    test('is a press on the page, too: it shows a form that posts the same', async () => {
      const { confirmation } = await subscribe(stage)
      const visit = await new PreferenceVisit(stage).open(linkIn(confirmation, 'u'))
      expect(visit.cookie).toBeNull()
      expect(visit.field('List-Unsubscribe')).toBe('One-Click')
      expect(visit.html).toContain(createNotice('contact').purposes[0]!.statement_text)
      await visit.post([['List-Unsubscribe', 'One-Click']])
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn' })
    })

    test('through a campaign’s link ends the campaign’s purpose alone, through any other all', async () => {
      await subscribe(stage, 'ada@example.org', ['newsletter', 'offers'])
      await stage.send(await operatorLink('U', { purposeId: 'offers' }), ONE_CLICK)
      expect(await statesOf(stage)).toEqual({ newsletter: 'given', offers: 'withdrawn' })
      await stage.send(await operatorLink('U'), ONE_CLICK)
      expect(await statesOf(stage)).toEqual({ newsletter: 'withdrawn', offers: 'withdrawn' })
    })

    test('of a mail that asked to confirm is a no', async () => {
      const mail = await optIn(stage)
      await stage.send(linkIn(mail, 'u'), ONE_CLICK)
      expect(await statesOf(stage)).toEqual({ newsletter: 'refused' })
      const size = await stage.logSize()
      await stage.send(linkIn(mail, 'u'), ONE_CLICK)
      expect(await stage.logSize()).toBe(size)
    })

    test('with anything else in the body changes nothing', async () => {
      const { confirmation } = await subscribe(stage)
      const response = await stage.send(linkIn(confirmation, 'u'), { ...ONE_CLICK, body: 'List-Unsubscribe=Maybe' })
      expect([response.status, await statesOf(stage)]).toEqual([422, { newsletter: 'given' }])
    })
  })

  describe('every mail', () => {
    test('carries a withdraw-only link in its headers, and says what it is', async () => {
      await subscribe(stage)
      await askForLink(stage)
      expect(stage.mails.map(({ subject }) => subject)).toEqual([expect.stringContaining('confirm'), expect.stringContaining('changed'), expect.stringContaining('personal link')])
      for (const mail of stage.mails) {
        expect(mail.headers['List-Unsubscribe']).toMatch(/^<https?:\/\/[^>]+\/u\/[\w-]{43}>$/)
        expect(mail.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click')
        expect(mail.from).toEqual({ name: 'Shop', address: 'privacy@shop.example' })
        expect(mail.html).toContain('<html')
      }
    })
  })
}
