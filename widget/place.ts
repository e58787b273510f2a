// The place that an embed takes on the page, in the page's own terms, so that something else can stand there and nothing
// moves: neither then, nor when the page becomes narrower, nor when the embed comes back.

/** Style of what takes the place, by property. */
export type Place = Readonly<Record<string, string>>

// As the page wrote it: percentages stay percentages.
const KEPT = ['position', 'inset', 'margin', 'float', 'gridArea', 'flex', 'order', 'alignSelf', 'justifySelf', 'verticalAlign', 'minWidth', 'minHeight', 'maxHeight', 'aspectRatio'] as const
const SMALLEST_PX = 50

/** The place of an embed; undefined for one that is too small to show anything, such as a counting pixel. */
export function measurePlace(embed: HTMLElement): Place | undefined {
  const measured = (embed.localName === 'picture' && embed.querySelector('img')) || embed
  const style = getComputedStyle(measured)
  const { offsetWidth, offsetHeight } = measured
  if (offsetWidth <= SMALLEST_PX || offsetHeight <= SMALLEST_PX) return undefined
  const around = (...properties: string[]) => style.boxSizing === 'border-box' ? 0 : properties.reduce((sum, name) => sum + parseFloat(style.getPropertyValue(name)), 0)
  const besideWidth = around('padding-left', 'padding-right', 'border-left-width', 'border-right-width')
  const besideHeight = around('padding-top', 'padding-bottom', 'border-top-width', 'border-bottom-width')
  const isInline = style.display.startsWith('inline')

  // What is not displayed has no size in pixels, so that the style says what the page wrote.
  const { display } = measured.style
  measured.style.display = 'none'
  const place: Record<string, string> = Object.fromEntries(KEPT.map((name) => [name, style[name]]))
  const { width, height, maxWidth } = style
  measured.style.display = display

  place.display = isInline ? 'inline-grid' : 'grid'
  // Without a baseline of its own it stands on the line as the embed does.
  place.contain = 'layout'
  place.boxSizing = 'border-box'
  place.width = width === 'auto' ? `${offsetWidth}px` : `calc(${width} + ${besideWidth}px)`
  // A height that follows the width goes on doing so.
  place.height = height !== 'auto' ? `calc(${height} + ${besideHeight}px)` : place.aspectRatio === 'auto' ? `${offsetHeight}px` : 'auto'
  // Wider than its column it would have to be scrolled to be read; nothing below it moves for that.
  place.maxWidth = maxWidth === 'none' ? '100%' : maxWidth
  return place
}
