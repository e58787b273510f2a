// The main story in three engines: asked, refused, remembered, opened again, allowed, taken back, and a form and its link.
import { expect, test } from 'vitest'
import { describeEachEngine } from './each-engine.ts'
import { box, eventually, NOTHING } from './shop-visit.ts'

describeEachEngine((scene) => {
  test('a visitor is asked before anything is stored or runs', async () => {
    const { shop, stage } = scene
    const beaconsBefore = (await stage.beacons()).length
    await shop.openWithBanner()
    expect((await shop.look('sayso-banner', ({ textContent }) => textContent)).join()).toContain('Tallyleaf Analytics')
    expect(await shop.look('sayso-banner input', ({ name, checked }) => [name, checked]))
      .toEqual([['analytics', false], ['video', false], ['advertising', false]])
    // The widget's second part is the last thing that comes by itself.
    const requests = () => shop.run(() => performance.getEntriesByType('resource').map(({ name }) => name))
    await eventually(async () => (await requests()).some((url) => /\/rest\./.test(url)), 'the widget’s second part').toBe(true)
    expect((await requests()).filter((url) => /collect|film|reading-time|remember-for-ads/.test(url))).toEqual([])
    expect(await shop.choices()).toEqual(NOTHING)
    expect(await shop.stored()).toEqual([])
    expect((await stage.beacons()).length).toBe(beaconsBefore)
  })

  test('a refusal is signed, recorded, remembered, and opens again as it was stored', async () => {
    const { shop, stage } = scene
    await shop.openWithBanner()
    const sizeBefore = await stage.logSize()
    await shop.decide('reject-all')
    const { index, read } = await shop.awaitReceipts(1)
    expect(index).toBe(sizeBefore)
    expect(read.event).toMatchObject({ attestation: 'device', event_type: 'explicit', language: 'en', source: { channel: 'banner', action: 'Reject all' } })
    expect(read.event.decisions.map(({ event_state }) => event_state)).toEqual(['refused', 'refused', 'refused'])

    await shop.open('/about')
    await eventually(() => shop.choices()).toEqual(NOTHING)
    expect(await shop.sees('sayso-banner')).toBe(false)
    await shop.reopen()
    expect(await shop.ticked()).toEqual([])
    await shop.decide('close')
    expect(await stage.logSize()).toBe(sizeBefore + 1)
  })

  test('what is allowed runs without a reload; taken back, its cookie goes, and both are recorded', async () => {
    const { shop, stage } = scene
    const beaconsBefore = (await stage.beacons()).length
    await shop.openWithBanner()
    await shop.tab.click(box('analytics'))
    await shop.decide('save')
    await eventually(async () => (await stage.beacons()).length, 'the parked script has run').toBeGreaterThan(beaconsBefore)
    await eventually(() => shop.stored()).toContain('ff_visit')
    expect(await shop.choices()).toEqual({ ...NOTHING, analytics: true })
    expect(await shop.look('iframe[src*=film]', ({ tagName }) => tagName), 'the film stays parked').toEqual([])
    const given = await shop.awaitReceipts(1)
    expect(given.read.event.decisions.map(({ event_state }) => event_state)).toEqual(['given', 'refused', 'refused'])

    await shop.open('/about')
    await eventually(() => shop.choices()).toEqual({ ...NOTHING, analytics: true })
    await shop.reopen()
    expect(await shop.ticked()).toEqual(['analytics'])
    await shop.tab.click(box('analytics'))
    await shop.decide('save')
    await eventually(() => shop.stored()).not.toContain('ff_visit')
    expect(await shop.choices()).toEqual(NOTHING)
    const withdrawn = await shop.awaitReceipts(2)
    expect(withdrawn.read.event.decisions[0]).toMatchObject({ purpose_id: 'analytics', event_state: 'withdrawn' })
    expect(withdrawn.read.event.prev_event_hash).toBe(given.read.hash)
  })

  test('a form asks with unticked boxes, and its consent counts once confirmed through the mailed link', async () => {
    const { shop, stage } = scene
    const email = 'mara.lind@example.org'
    await shop.openWithBanner()
    await shop.decide('reject-all')
    await shop.awaitReceipts(1)
    const boxes = '[data-sayso-opt-in] > div >>> input[type=checkbox]'
    await shop.appears(boxes)
    expect(await shop.look(boxes, ({ name, checked }) => [name, checked])).toEqual([['newsletter', false], ['offers', false]])
    const sizeBefore = await stage.logSize()
    await shop.tab.click(`${boxes}[name=newsletter]`)
    await shop.tab.type('form input[type=email]', email)
    await shop.tab.click('form button:not([data-sayso-action])')
    await eventually(() => stage.logSize()).toBe(sizeBefore + 1)

    await shop.tab.open(await shop.awaitLink(email))
    const readText = async (selector: string) => (await shop.look(selector, ({ textContent }) => textContent)).join()
    expect(await readText('h1')).toBe('Please confirm')
    expect(await readText('main')).not.toContain(email)
    expect(await shop.ticked('input[name=purpose]')).toHaveLength(1)
    expect(await stage.logSize(), 'opening a link changes nothing').toBe(sizeBefore + 1)
    await shop.tab.click('button[name=action_id][value=confirm]')
    await eventually(() => readText('[role=alert]')).toContain('You agreed')
    expect(await stage.logSize()).toBe(sizeBefore + 2)
  })

  test('what was decided a moment before leaving the page is recorded by the next one', async () => {
    const { shop } = scene
    await shop.openWithBanner()
    for (const [i, path] of ['/about', '/de/', '/thanks', '/'].entries()) {
      const analytics = i % 2 === 0
      // Nothing waits for the decision to be stored or sent. The first one also makes the database.
      await shop.run((isAllowed, next) => {
        const { sayso } = window as unknown as { sayso: { set(decisions: object): void } }
        sayso.set({ analytics: isAllowed, video: false, advertising: false })
        location.href = next
      }, analytics, path)
      await eventually(() => shop.run(() => document.readyState + location.pathname)).toBe(`complete${path}`)
      await eventually(() => shop.choices()).toEqual({ ...NOTHING, analytics })
      // The last part of the cookie says what the service does not have yet.
      await eventually(() => shop.run(() => document.cookie), `recorded after going to ${path}`).toMatch(/(^|; )sayso=[^;]*\.(;|$)/)
      const { read } = await shop.latestReceipt()
      expect(read.event.decisions[0]).toMatchObject({ purpose_id: 'analytics', event_state: analytics ? 'given' : 'withdrawn' })
    }
  })
})
