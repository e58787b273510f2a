// How a site wants its banner to look: layout, place, colours. There is no setting with which one button could be made to
// stand out, and what could not be read is refused (FAIRNESS 5, WCAG 2.2).
import * as v from 'valibot'
import { computeContrast, HEX_COLOUR } from './contrast.ts'
import { presets } from './presets.ts'
import { refuse } from './refusal.ts'

const Colour = v.pipe(v.string('A text is expected.'), v.regex(HEX_COLOUR, 'A colour is written #rgb or #rrggbb.'))
const pixels = (least: number, most: number) => v.optional(v.pipe(
  v.number('A number of pixels is expected.'), v.minValue(least, `At least ${least} px.`), v.maxValue(most, `At most ${most} px.`)))

/** Colours of the banner; the three buttons share theirs. */
export const Palette = v.strictObject({
  background: Colour,
  text: Colour,
  border: Colour,
  button_background: Colour,
  button_text: Colour,
  /** The ring around what has the focus. */
  focus: Colour,
})
export type Palette = v.InferOutput<typeof Palette>

/** The theme: a dozen values, each a CSS custom property of the banner (`--sayso-background` …). */
export const Theme = v.strictObject({
  light: v.optional(v.partial(Palette)),
  dark: v.optional(v.partial(Palette)),
  /** A CSS font-family list, without quotes that do not close. Nothing is loaded for it. */
  font: v.optional(v.pipe(v.string('A text is expected.'), v.regex(/^[\w ,"'-]{1,200}$/, 'A list of font names is expected.'),
    v.check((font) => (font.match(/"/g)?.length ?? 0) % 2 === 0 && (font.match(/'/g)?.length ?? 0) % 2 === 0, 'A quotation mark is not closed.'))),
  font_size: pixels(14, 20),
  /** Of the banner's corners. */
  radius: pixels(0, 32),
  button_radius: pixels(0, 32),
  padding: pixels(12, 40),
  /** The banner's greatest width. */
  width: pixels(320, 1400),
})
export type Theme = v.InferOutput<typeof Theme>

export const LAYOUTS = ['bar', 'box', 'dialog'] as const
export const POSITIONS = ['bottom', 'top', 'bottom-left', 'bottom-right', 'top-left', 'top-right', 'center'] as const
const POSITIONS_OF: Record<(typeof LAYOUTS)[number], readonly string[]> = {
  bar: ['bottom', 'top'], box: ['bottom-left', 'bottom-right', 'top-left', 'top-right'], dialog: ['center'],
}

/** A site's looks; everything may be left out. */
export const Appearance = v.strictObject({
  /** A bar along an edge, a box in a corner, or in the middle of the window; none of them locks the page. */
  layout: v.optional(v.picklist(LAYOUTS, `The layout is one of ${LAYOUTS.join(', ')}.`)),
  position: v.optional(v.picklist(POSITIONS, `The position is one of ${POSITIONS.join(', ')}.`)),
  /** `auto` follows the visitor's system. */
  scheme: v.optional(v.picklist(['auto', 'light', 'dark'], 'The scheme is auto, light or dark.')),
  preset: v.optional(v.picklist(Object.keys(presets) as (keyof typeof presets)[], `The preset is one of ${Object.keys(presets).join(', ')}.`)),
  theme: v.optional(Theme),
  logo: v.optional(v.strictObject({
    /** On one of the site's origins, or a data: image. Before a choice nobody else may be asked for anything. */
    src: v.pipe(v.string('A text is expected.'), v.maxLength(4000, 'The address is longer than 4000 characters.')),
    alt: v.pipe(v.string('A text is expected.'), v.maxLength(200, 'The text is longer than 200 characters.')),
  })),
  /** The small button that opens the choice again on pages without a link of their own: where it stands, or false for none. */
  reopen: v.optional(v.union([v.boolean('True or false is expected.'), v.picklist(['bottom-left', 'bottom-right'], 'The button stands bottom-left or bottom-right.')], 'True, false, “bottom-left” or “bottom-right” is expected.')),
})
export type Appearance = v.InferOutput<typeof Appearance>

/** Where the banner stands, by its layout. */
export function positionOf({ layout = 'bar', position }: Appearance): string {
  return position ?? POSITIONS_OF[layout][0]!
}

/** The colours in one scheme; undefined where the banner has the system's. */
export function paletteOf({ preset, theme }: Appearance, scheme: 'light' | 'dark'): Palette | undefined {
  const own = theme?.[scheme]
  const base = preset && presets[preset][scheme]
  return own || base ? { ...(base ?? presets.plain[scheme]), ...own } : undefined
}

// What must stand out from what, and how far (WCAG 2.2: 1.4.3, 1.4.11).
const CONTRASTS = [['text', 'background', 4.5], ['button_text', 'button_background', 4.5], ['button_background', 'background', 3], ['focus', 'background', 3]] as const

/** Checks what no schema says; `pointer` is where the appearance stands. Throws a Refusal. */
export function checkAppearance(appearance: Appearance, origins: readonly string[], pointer: string): void {
  const { layout = 'bar', logo } = appearance
  const places = POSITIONS_OF[layout]
  if (!places.includes(positionOf(appearance))) refuse(`${pointer}/position`, 'position', `A ${layout} stands at ${places.join(', ')}.`)
  for (const scheme of ['light', 'dark'] as const) {
    const palette = paletteOf(appearance, scheme)
    for (const [front, back, least] of palette ? CONTRASTS : []) {
      const contrast = computeContrast(palette![front], palette![back])
      if (contrast < least) {
        refuse(`${pointer}/theme/${scheme}/${front}`, 'contrast', `${palette![front]} on ${palette![back]} (${back}) has a contrast of ${contrast.toFixed(2)}; at least ${least} is needed to be read by everybody.`)
      }
    }
  }
  if (logo && !/^data:image\/(?:svg\+xml|png|webp|jpeg|gif)[;,]/.test(logo.src) && !origins.some((origin) => logo.src.startsWith(`${origin}/`))) {
    refuse(`${pointer}/logo/src`, 'logo', 'The logo stands on one of the site’s origins or is a data: image: before a choice nobody else may be asked for anything.')
  }
}
