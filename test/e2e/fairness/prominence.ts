// Equal prominence (FAIRNESS 4, 5), measured on one loaded page at every width and zoom, in every colour scheme, with and
// without a hostile style sheet. The ratios are ours: no regulator sets one.
import { expect } from 'playwright/test'
import { computeContrast } from '../../../core/contrast.ts'
import type { ShopPage } from '../shop-page.ts'

const HOSTILE = '*{all:unset!important} button{display:none!important;font-size:3px!important;opacity:0!important} sayso-banner button{width:2px!important;height:2px!important;color:white!important;background:white!important}'

/** Goes into the head of a page that is measured; the style sheet is at rest until its turn comes. */
export const HOSTILE_AT_REST = `<meta name="viewport" content="width=device-width"><style id="hostile" media="not all">${HOSTILE}</style>`

const SIZES = [
  { width: 320, height: 720, deviceScaleFactor: 1 },
  { width: 768, height: 720, deviceScaleFactor: 1 },
  { width: 1280, height: 720, deviceScaleFactor: 1 },
  // 1280 × 720 and 768 × 720 at 200 % zoom.
  { width: 640, height: 360, deviceScaleFactor: 2 },
  { width: 384, height: 360, deviceScaleFactor: 2 },
]

const SCHEMES = { light: { colorScheme: 'light', forcedColors: 'none' }, dark: { colorScheme: 'dark', forcedColors: 'none' }, 'forced colours': { colorScheme: 'light', forcedColors: 'active' } } as const

/** What there is to see of the three buttons, colours as the screen has them: on a calm page and on a hostile one. */
function measure(page: ShopPage) {
  return page.banner.evaluate((host) => ['not all', 'all'].map((hostile) => {
    document.querySelector<HTMLStyleElement>('#hostile')!.media = hostile
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')!
    const toHex = (colour: string) => {
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
      return `#${Array.from(canvas.getImageData(0, 0, 1, 1).data.slice(0, 3), (part) => part.toString(16).padStart(2, '0')).join('')}`
    }
    const banner = toHex(getComputedStyle(host.shadowRoot!.querySelector('card')!).backgroundColor)
    const [reject, save, accept] = ['reject-all', 'save', 'accept-all'].map((action) => {
      const button = host.querySelector<HTMLElement>(`[data-sayso-action=${action}]`)!
      const style = getComputedStyle(button)
      const { left, top, width, height, right, bottom } = button.getBoundingClientRect()
      return {
        area: width * height, text: toHex(style.color), background: toHex(style.backgroundColor),
        kind: {
          name: button.localName, parent: button.parentElement!.localName, slot: button.slot, fontSize: style.fontSize, fontWeight: style.fontWeight, padding: style.padding,
          opacity: style.opacity, visibility: style.visibility, isLarge: width >= 24 && height >= 24,
          isOnScreen: left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight,
          isOnTop: document.elementFromPoint((left + right) / 2, (top + bottom) / 2) === button,
        },
      }
    })
    const isTooWide = hostile === 'not all' && document.documentElement.scrollWidth > innerWidth
    return { banner, reject: reject!, save: save!, accept: accept!, isTooWide }
  }))
}

function expectEqual({ banner, reject, save, accept, isTooWide }: Awaited<ReturnType<typeof measure>>[number], hint: string): void {
  expect(isTooWide, `${hint}: scrolls sideways`).toBe(false)
  expect(accept.kind, hint).toMatchObject({ name: 'button', opacity: '1', visibility: 'visible', isLarge: true, isOnScreen: true, isOnTop: true })
  const contrasts = [reject, save, accept].map(({ background }) => computeContrast(background, banner))
  expect(Math.max(...contrasts) / Math.min(...contrasts), `${hint}: against the banner`).toBeLessThanOrEqual(1.2)
  for (const other of [reject, save]) {
    expect(other.kind, hint).toEqual(accept.kind)
    expect(other.area / accept.area, `${hint}: area`).toBeGreaterThanOrEqual(0.9)
    expect(other.area / accept.area, `${hint}: area`).toBeLessThanOrEqual(1.1)
  }
  for (const { text, background } of [reject, save, accept]) expect(computeContrast(text, background), `${hint}: text`).toBeGreaterThanOrEqual(4.5)
}

/** Fails with the place where one of the buttons is easier to see or reach than another. */
export async function expectEqualProminence(page: ShopPage, hint: string): Promise<void> {
  const screen = await page.page.context().newCDPSession(page.page)
  for (const [scheme, media] of Object.entries(SCHEMES)) {
    await page.page.emulateMedia(media)
    for (const size of SIZES) {
      await screen.send('Emulation.setDeviceMetricsOverride', { ...size, mobile: false })
      const [calm, hostile] = await measure(page)
      const where = `${hint}, ${scheme}, ${size.width} px × ${size.deviceScaleFactor}`
      expectEqual(calm!, where)
      expectEqual(hostile!, `${where}, hostile page`)
    }
  }
  await screen.send('Emulation.clearDeviceMetricsOverride')
  await screen.detach()
  await page.page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
}
