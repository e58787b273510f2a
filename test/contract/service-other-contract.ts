// What no other part of the contract asks for: evidence, notices drawn again and compared, stamps, Google's default, what the
// service says of itself. So that each operation of its document is asked for once.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAccess } from '../../core/access.ts'
import { toBase64 } from '../../core/bytes.ts'
import { hashNotice } from '../../core/notice.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, createSite } from '../fixtures/site.ts'
import { callAsOperator } from './preference-visit.ts'
import { ADMIN_TOKEN, type OpenStage, postJws, type ServiceStage, SMALL_ASSETS } from './service-stage.ts'

export function describeOthers(openStage: OpenStage): void {
  let stage: ServiceStage
  beforeEach(async () => {
    stage = await openStage({ assets: SMALL_ASSETS })
  })
  afterEach(() => stage.close())

  const getAgain = async (path: string) => {
    const first = await stage.send(path)
    const again = await stage.send(path, { headers: { 'if-none-match': first.headers.get('etag')! } })
    return [first.status, again.status, await again.text()]
  }

  test('an operator sees an event beside what was shown, a program by a header, a person by a form', async () => {
    const jws = await (await createDevice()).decide({ analytics: 'given' })
    const { event_id: id } = JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as { event_id: string }
    await postJws(stage, jws)
    const answers = [
      await callAsOperator(stage, `/evidence/${id}`),
      await stage.send(`/evidence/${id}`, { method: 'POST', body: new URLSearchParams({ token: ADMIN_TOKEN }).toString(), headers: { origin: stage.baseUrl, 'content-type': 'application/x-www-form-urlencoded' } }),
    ]
    for (const answer of answers) expect([answer.status, (await answer.text()).includes('Count visits to improve the shop.')]).toEqual([200, true])
  })

  test('a notice is drawn again by a widget that knows this notice alone', async () => {
    const [notice, hash] = [createNotice('device', 'de'), hashNotice(createNotice('device', 'de'))]
    const below = `/v1/sites/shop/notices/${hash}`
    expect(await (await stage.send(`${below}/preview?boxes=newsletter&build=b1`)).text()).toContain(`${below}/widget.js?build=b1`)
    expect(await (await stage.send(`${below}/widget.js?build=b1`)).text()).toContain(`${stage.baseUrl}${below}/`)
    expect(await (await stage.send(`${below}/widget.json`)).json()).toMatchObject({ language: 'de', anchor: null })
    expect(await (await stage.send(`${below}/notices/${hash}`)).json()).toEqual(notice)
  })

  test('two notices are compared', async () => {
    const [older, newer] = [hashNotice(createNotice('device')), hashNotice(createNotice('contact'))]
    expect(await (await stage.send(`/v1/sites/shop/notices/${older}/compare/${newer}?lang=en`)).text()).toContain('<ins>')
  })

  test('the newest time stamp is served with what it stamps', async () => {
    const note = await (await stage.send('/log/shop/checkpoint')).text()
    await stage.store.addStamp({ site: 'shop', size: await stage.logSize(), token: toBase64(Uint8Array.of(0x30, 0)), stampedAt: '2026-11-22T10:00:00.000Z' })
    expect(await (await stage.send('/log/shop/stamped')).text()).toBe(note)
    expect(new Uint8Array(await (await stage.send('/log/shop/stamped.tsr')).arrayBuffer()).slice(-2)).toEqual(Uint8Array.of(0x30, 0))
  })

  test('a site that speaks to Google has its consent default as a script', async () => {
    expect((await stage.send('/v1/sites/shop/consent-default.js')).status).toBe(404)
    await stage.app.publish(createSite({ signals: { google: { types: { analytics_storage: 'analytics' } } } }))
    expect(await (await stage.send('/v1/sites/shop/consent-default.js')).text()).toContain('denied')
    expect(await getAgain('/v1/sites/shop/consent-default.js')).toEqual([200, 304, ''])
  })

  test.each(['/assets/rest.abcdefgh.js', '/page/api.css', '/openapi.json', '/openapi'])('%s is not sent again to who has it', async (path) => {
    expect(await getAgain(path)).toEqual([200, 304, ''])
  })

  test('who read what is taken out as a file, whose last entry is this very reading', async () => {
    await callAsOperator(stage, '/v1/sites/shop/contacts')
    const lines = (await (await callAsOperator(stage, '/v1/sites/shop/accesses')).text()).trim().split('\n').map((line) => JSON.parse(line) as { access?: string })
    expect(lines.flatMap(({ access }) => (access === undefined ? [] : readAccess(access).action))).toEqual(['contacts:read', 'accesses:read'])
  })

  test('mailings are listed', async () => {
    await callAsOperator(stage, '/v1/sites/shop/mailings', { kind: 'ask', per_hour: 60 })
    expect(await (await callAsOperator(stage, '/v1/sites/shop/mailings')).json()).toEqual({ mailings: [expect.objectContaining({ kind: 'ask', state: 'running' })] })
  })

  test('the service has a page that checks receipts, and one that says what it answers to', async () => {
    expect(await (await stage.send('/verify')).text()).toContain('id="check"')
    const page = await stage.send('/openapi')
    expect([page.headers.get('content-type'), page.headers.get('content-security-policy')]).toEqual(['text/html; charset=utf-8', expect.stringContaining("default-src 'none'")])
    const html = await page.text()
    expect(html).not.toMatch(/<style|<script|\sstyle=/)
    const { paths } = await (await stage.send('/openapi.json')).json() as { paths: Record<string, Record<string, { operationId: string; summary: string }>> }
    for (const { operationId, summary } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
      expect(html).toContain(`href="#${operationId}">${summary.replaceAll('&', '&amp;')}</a>`)
      expect(html).toContain(`id="${operationId}"`)
    }
  })

  test('a type of problem that there is none of is itself no more than not found', async () => {
    const response = await stage.send('/problems/none-of-ours')
    expect([response.status, await response.json()]).toEqual([404, expect.objectContaining({ type: '/problems/not_found' })])
  })
}
