// The style that a site's appearance adds to the banner's own: a dozen custom properties, set where no style of the page
// reaches them, and the rules that use them. The system's colours win where the visitor forces colours.
import { type Appearance, type Palette, paletteOf, positionOf } from '../core/appearance.ts'

const PLACES: Readonly<Record<string, string>> = {
  bottom: '', top: 'inset:12px 12px auto!important',
  'bottom-left': 'inset:auto auto 12px 12px!important', 'bottom-right': 'inset:auto 12px 12px auto!important',
  'top-left': 'inset:12px auto auto 12px!important', 'top-right': 'inset:12px 12px auto auto!important',
  center: 'inset:0!important;height:fit-content!important',
}
const WIDTHS = { bar: undefined, box: 400, dialog: 720 } as const

const COLOUR_RULES = [
  'card{background:var(--sayso-background);color:var(--sayso-text);border-color:var(--sayso-border)}',
  '[name=actions]{background:var(--sayso-background);color:var(--sayso-button-text);border-color:var(--sayso-border)}',
  '::slotted([slot=actions]){background:var(--sayso-button-background)!important}',
  '::slotted(:focus-visible){outline-color:var(--sayso-focus)!important}',
].join('')

/** Declarations of custom properties; names as in the theme, with a dash for an underscore. */
function declare(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values).flatMap(([name, value]) => value === undefined ? [] : `--sayso-${name.replaceAll('_', '-')}:${value}!important`).join(';')
}

const ruleOf = (selector: string, declarations: readonly string[]) => {
  const text = declarations.filter((declaration) => declaration !== '').join(';')
  return text === '' ? [] : [`${selector}{${text}}`]
}

function listColourRules(appearance: Appearance): string[] {
  const { scheme = 'auto' } = appearance
  const schemes = scheme === 'auto' ? (['light', 'dark'] as const) : [scheme]
  const palettes = schemes.flatMap((one) => {
    const palette: Palette | undefined = paletteOf(appearance, one)
    return palette ? [{ scheme: one, rule: `:host{${declare(palette)}}` }] : []
  })
  if (palettes.length === 0) return scheme === 'auto' ? [] : [`card{color-scheme:${scheme}}`]
  // Where only one scheme has colours of its own, the banner has that scheme always.
  const only = palettes.length === 1 ? [`card{color-scheme:${palettes[0]!.scheme}}`] : []
  const dark = palettes.length === 2 ? `@media (prefers-color-scheme:dark){${palettes[1]!.rule}}` : ''
  return [...only, `@media not (forced-colors:active){${palettes[0]!.rule}${dark}${COLOUR_RULES}}`]
}

/** The rules, one text each; none where the site has no wishes. */
export function listLookRules(appearance: Appearance = {}): string[] {
  const { layout = 'bar', theme = {} } = appearance
  const { font, font_size, radius, button_radius, padding } = theme
  const width = theme.width ?? WIDTHS[layout]
  return [
    ...ruleOf(':host', [PLACES[positionOf(appearance)]!, width === undefined ? '' : `max-width:min(${width}px,100vw - 24px)!important`]),
    ...ruleOf('card', [
      font === undefined ? '' : `font-family:${font}`, font_size === undefined ? '' : `font-size:${font_size}px`,
      radius === undefined ? '' : `border-radius:${radius}px`, padding === undefined ? '' : `padding:${padding}px ${padding}px 0`,
    ]),
    ...ruleOf('::slotted([slot=actions])', [button_radius === undefined ? '' : `border-radius:${button_radius}px!important`]),
    ...listColourRules(appearance),
  ]
}
