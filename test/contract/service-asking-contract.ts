// "E-mail me my link" through any transport: nobody learns which addresses are known, nobody is flooded, and no
// mail is lost to a mail server that fails.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SHOP_ORIGIN } from '../fixtures/site.ts'
import { askForLink, callAsOperator, linkIn, OWN_FORM, PreferenceVisit } from './preference-visit.ts'
import { type OpenStage, OTHER_ORIGIN, type ServiceStage } from './service-stage.ts'

export function describeAsking(openStage: OpenStage): void {
  let stage: ServiceStage

  beforeEach(async () => {
    stage = await openStage()
    await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'ada@example.org', ask: false })
  })
  afterEach(() => stage.close())

  const ask = (email: unknown, { headers = {} as Record<string, string>, site = 'shop' } = {}) => stage.send(`/v1/sites/${site}/links`, {
    method: 'POST', body: JSON.stringify({ email }), headers: { 'content-type': 'application/json', ...headers },
  })
  const describeAnswer = async (response: Response) => ({ status: response.status, body: await response.text(), type: response.headers.get('content-type') })

  test('known and unknown addresses get the same answer; only the known one gets a mail', async () => {
    const [known, unknown] = [await describeAnswer(await ask('ada@example.org')), await describeAnswer(await ask('eve@example.org'))]
    expect(known.status).toBe(202)
    expect(unknown).toEqual(known)
    await stage.app.settle()
    expect(stage.mails.map(({ to }) => to)).toEqual(['ada@example.org'])
  })

  test('the address is found however it is written, and the mail goes to the one on file', async () => {
    await ask(' ADA@example.ORG ')
    await stage.app.settle()
    expect(stage.mails.map(({ to }) => to)).toEqual(['ada@example.org'])
  })

  test('the link in the mail opens the preference centre', async () => {
    const visit = await new PreferenceVisit(stage).open(linkIn(await askForLink(stage), 'p'))
    expect(visit.html).toContain('Your choices')
  })

  test('a plain form works too, in the language of its page', async () => {
    const body = new URLSearchParams({ email: 'ada@example.org', lang: 'de' })
    const response = await stage.send('/v1/sites/shop/links', { method: 'POST', body: body as unknown as string, headers: { accept: 'text/html' } })
    expect(response.status).toBe(202)
    expect(await response.text()).toContain('<html lang="de"')
    await stage.app.settle()
    expect(stage.mails[0]!.html).toContain('lang="de"')
  })

  test('a page of the site may ask and read the answer; others may not read it', async () => {
    expect((await ask('ada@example.org', { headers: { origin: SHOP_ORIGIN } })).headers.get('access-control-allow-origin')).toBe(SHOP_ORIGIN)
    expect((await ask('ada@example.org', { headers: { origin: OTHER_ORIGIN } })).headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each(['', 'ada', 'ada@', 7, null, undefined])('%j is no address: 422 by the field', async (email) => {
    const response = await ask(email)
    expect([response.status, ((await response.json()) as { errors: { pointer: string }[] }).errors[0]!.pointer]).toEqual([422, '/email'])
  })

  test('an unknown site is 404', async () => {
    expect((await ask('ada@example.org', { site: 'nowhere' })).status).toBe(404)
  })

  describe('limits', () => {
    test('one address gets three mails in ten minutes, the answer stays the same; later it gets more', async () => {
      const answers = []
      for (let i = 0; i < 5; i += 1) answers.push(await describeAnswer(await ask('ada@example.org')))
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      await stage.app.settle()
      expect(stage.mails).toHaveLength(3)
      stage.clock.nowMs += 10 * 60_000
      expect(await askForLink(stage)).toBeDefined()
    })

    test('a site sends 600 in ten minutes, then says when to come back', async () => {
      await stage.close()
      stage = await openStage({ limits: { linksPerSite: 5, linksPerIp: 1000 } })
      for (let i = 0; i < 5; i += 1) expect((await ask(`p${i}@example.org`)).status).toBe(202)
      const over = await ask('p6@example.org')
      expect([over.status, over.headers.get('retry-after')]).toEqual([429, '600'])
      expect((await ask('p6@example.org', { site: 'other' })).status).toBe(202)
    })
  })

  describe('the page behind a dead link', () => {
    const post = (email: string, headers: Record<string, string> = OWN_FORM) => stage.send('/p/new-link', {
      method: 'POST', body: new URLSearchParams({ email }) as unknown as string, headers: { accept: 'text/html', ...headers },
    })

    test('mails a link for every site that knows the address, and looks the same for one that none knows', async () => {
      await callAsOperator(stage, '/v1/sites/other/contacts', { email: 'ada@example.org', ask: false })
      const [known, unknown] = [await describeAnswer(await post('ada@example.org')), await describeAnswer(await post('eve@example.org'))]
      expect(known.status).toBe(202)
      expect(unknown).toEqual(known)
      await stage.app.settle()
      expect(stage.mails.map(({ to, from }) => `${to} from ${from.name}`).sort()).toEqual(['ada@example.org from Other', 'ada@example.org from Shop'])
    })

    test('points out what is no address', async () => {
      const response = await post('ada')
      expect(response.status).toBe(422)
      expect(await response.text()).toContain('Enter an e-mail address')
    })

    test('takes no form from another website', async () => {
      expect((await post('ada@example.org', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status).toBe(403)
      await stage.app.settle()
      expect(stage.mails).toHaveLength(0)
    })
  })

  describe('a mail server that fails', () => {
    test('loses no mail: it is tried again, later each time', async () => {
      let isDown = true
      const sent: string[] = []
      await stage.close()
      stage = await openStage({ mailer: {
        send: async (mail) => {
          if (isDown) throw new Error('connection refused for ada@example.org')
          sent.push(mail.to)
        },
      } })
      await callAsOperator(stage, '/v1/sites/shop/contacts', { email: 'ada@example.org', ask: false })
      await ask('ada@example.org')
      await stage.app.settle()
      expect(await (await stage.send('/metrics')).text()).toContain('sayso_mails_waiting 1\n')
      stage.clock.nowMs += 60_000
      await stage.app.settle()
      isDown = false
      stage.clock.nowMs += 4 * 60_000
      await stage.app.settle()
      expect(sent).toEqual([])
      stage.clock.nowMs += 60_000
      await stage.app.settle()
      expect(sent).toEqual(['ada@example.org'])
      expect(await (await stage.send('/metrics')).text()).toContain('sayso_mails_waiting 0\n')
    })
  })
}
