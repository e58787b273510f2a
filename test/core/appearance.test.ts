// A site's looks: what is refused because it could not be read or would not be fair, and what the style says.
import { describe, expect, test } from 'vitest'
import { paletteOf } from '../../core/appearance.ts'
import { computeContrast } from '../../core/contrast.ts'
import { presets } from '../../core/presets.ts'
import { parseSite } from '../../core/site.ts'
import { listLookRules } from '../../server/look.ts'
import { createSite } from '../fixtures/site.ts'

const read = (appearance: object) => parseSite({ ...createSite(), appearance })

describe('contrast', () => {
  // Examples of WCAG's own definition: the greatest and the least, and grey #777 on white, which just fails 1.4.3.
  test.each([['#000', '#fff', 21], ['#fff', '#ffffff', 1], ['#777777', '#ffffff', 4.48], ['#767676', '#fff', 4.54]])('of %s on %s is %d', (one, other, expected) => {
    expect(computeContrast(one, other)).toBeCloseTo(expected, 2)
    expect(computeContrast(other, one)).toBeCloseTo(expected, 2)
  })
})

describe('every preset is fair, in light and in dark, in every layout', () => {
  test.each(Object.keys(presets))('%s', (preset) => {
    for (const layout of ['bar', 'box', 'dialog']) expect(() => read({ preset, layout })).not.toThrow()
  })
})

describe('refused, with the field and the reason', () => {
  test.each([
    ['text that cannot be read', { theme: { light: { text: '#bbb', background: '#fff' } } }, '/appearance/theme/light/text', '1.92'],
    ['buttons’ words that cannot be read', { preset: 'forest', theme: { dark: { button_text: '#fff' } } }, '/appearance/theme/dark/button_text', '4.5'],
    ['buttons that melt into the banner', { theme: { light: { button_background: '#eee', button_text: '#000' } } }, '/appearance/theme/light/button_background', '3'],
    ['a colour for one button', { theme: { light: { accept_background: '#0f0' } } }, '/appearance/theme/light/accept_background', 'not known'],
    ['type too small to read', { theme: { font_size: 9 } }, '/appearance/theme/font_size', '14'],
    ['a style in place of a font', { theme: { font: 'x;}button{display:none' } }, '/appearance/theme/font', 'font names'],
    ['a bar in a corner', { layout: 'bar', position: 'top-left' }, '/appearance/position', 'bottom, top'],
    ['a logo from elsewhere', { logo: { src: 'https://cdn.example/logo.svg', alt: '' } }, '/appearance/logo/src', 'nobody else'],
  ])('%s', (_name, appearance, pointer, detail) => {
    expect(() => read(appearance)).toThrow(expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ pointer, detail: expect.stringContaining(detail) })]) }))
  })
})

test('a theme in part is completed by its preset, or by what the banner has without any', () => {
  expect(paletteOf({ preset: 'slate', theme: { dark: { text: '#fff' } } }, 'dark')).toEqual({ ...presets.slate.dark, text: '#fff' })
  expect(paletteOf({ theme: { light: { text: '#111' } } }, 'light')).toEqual({ ...presets.plain.light, text: '#111' })
  expect(paletteOf({ theme: { light: { text: '#111' } } }, 'dark')).toBeUndefined()
})

test('the style says nothing where nothing is wished, and leaves forced colours alone', () => {
  expect(listLookRules({})).toEqual([])
  expect(listLookRules({ reopen: false })).toEqual([])
  const [place, colours, ...more] = listLookRules({ layout: 'box', position: 'top-right', preset: 'paper' })
  expect(place).toContain('inset:12px 12px auto auto')
  expect(colours).toMatch(/^@media not \(forced-colors:active\)/)
  expect(more).toEqual([])
})
