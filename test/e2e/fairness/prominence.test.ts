// FAIRNESS 4, 5 and 10: refusing beside accepting, and as easy to see; the words in the language that they say they are in.
import { expect } from 'playwright/test'
import { LAYOUTS } from '../../../core/appearance.ts'
import { presets } from '../../../core/presets.ts'
import demoSite from '../../../demo/site.json' with { type: 'json' }
import { directionOf, languages } from '../../../ui/languages.ts'
import { locales } from '../../../ui/locales.ts'
import { OwnPage } from '../own-page.ts'
import { test } from '../stage.ts'
import { expectEqualProminence, HOSTILE_AT_REST } from './prominence.ts'

// A thousand measurements, and a trace would keep a picture of each.
test.use({ scene: 'fairness-prominence', trace: 'off' })

const [device] = demoSite.notices
const looks = [...LAYOUTS.map((layout) => ({ layout })), ...Object.keys(presets).map((preset) => ({ layout: 'box', preset }))]
const nameOf = (look: object) => `look-${Object.values(look).join('-')}`
let own: OwnPage

test.beforeAll(async ({ stage }) => {
  own = await OwnPage.open()
  // The words of the buttons, the title and the details are our own in each language.
  await own.publish(stage, 'languages', { notices: languages.map((language) => ({ ...device, language, labels: {} })) })
  for (const look of looks) await own.publish(stage, nameOf(look), { appearance: look })
  await own.publish(stage, 'elsewhere', { places: { told_by: 'address', rules: [{ places: ['US-CA'], until_objection: ['advertising'] }] } })
})
test.afterAll(() => own.close())

const html = (tag: string, language = 'en') => `<!doctype html><html lang="${language}"><title>Page</title>${HOSTILE_AT_REST}<main><h1>Page</h1><p>Words of the page.</p></main>${tag}`

// Half of them at a time, so that none comes near the time that one test has.
for (const half of [0, 1]) {
  test(`FAIRNESS 4, 5, 10: in every language Reject all stands beside Accept all and is as easy to see, on each layer (${half + 1} of 2)`, async ({ stage, page }) => {
    test.slow()
    for (const language of languages.filter((_, i) => i % 2 === half)) {
      const { labels, notice } = locales[language]
      const visited = await own.visit(page, stage, html(own.tag(stage, 'languages', `?lang=${language}`), language))
      await visited.button('reject-all').waitFor()
      await expect(visited.banner).toHaveAttribute('lang', language)
      await expect(visited.button('reject-all')).toHaveText(labels.reject_all)
      await expect(visited.button('accept-all')).toHaveText(labels.accept_all)
      expect(await visited.banner.evaluate((host) => getComputedStyle(host).direction), language).toBe(directionOf(language))
      await expectEqualProminence(visited, language)

      await visited.button('choose').click()
      const panel = visited.banner.locator('.panel')
      await expect(panel.getByText(notice.controller, { exact: true })).toBeVisible()
      expect(await panel.evaluate((place, tag) => place.matches(`:lang(${tag})`), language), `${language}: the details`).toBe(true)
    }
  })
}

test('FAIRNESS 10: the notice’s page says which language it is in, and is in it', async ({ stage }) => {
  for (const language of languages) {
    const page = await (await fetch(`${stage.serviceUrl}/v1/sites/languages/notices/current?lang=${language}&scope=device`, { headers: { accept: 'text/html' } })).text()
    expect(/<html[^>]*>/.exec(page)![0].split(/[ >]/).sort()).toEqual(expect.arrayContaining([`lang="${language}"`, `dir="${directionOf(language)}"`]))
    expect(page).toContain(`>${locales[language].notice.controller.replaceAll('&', '&amp;')}<`)
  }
})

test('FAIRNESS 4, 5: in every layout and preset, with the details open, too', async ({ stage, page }) => {
  test.slow()
  for (const look of looks) {
    const visited = await own.visit(page, stage, html(own.tag(stage, nameOf(look))))
    await visited.button('reject-all').waitFor()
    await expectEqualProminence(visited, nameOf(look))
    // Presets are colours, and those of the details are those of the banner.
    if ('preset' in look) continue
    await visited.button('choose').click()
    await expect(visited.banner.getByText('Who is responsible')).toBeVisible()
    await expectEqualProminence(visited, `${nameOf(look)}, details`)
  }
})

test('FAIRNESS 4, 5: where the law lets a purpose run until somebody objects', async ({ stage, page }) => {
  const visited = await own.visit(page, stage, html(own.tag(stage, 'elsewhere', '?region=US-CA')))
  await expect(visited.banner.locator('[data-sayso-object]')).toBeVisible()
  await expectEqualProminence(visited, 'US-CA')
})
