// Contrast of two colours, as WCAG 2.2 defines it (relative luminance and contrast ratio).

/** `#rgb` or `#rrggbb`. */
export const HEX_COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i

function computeLuminance(colour: string): number {
  const digits = colour.slice(1)
  const channels = digits.length === 3 ? [...digits].map((digit) => digit + digit) : digits.match(/../g)!
  const [red, green, blue] = channels.map((channel) => {
    const share = Number.parseInt(channel, 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

/** Contrast ratio of two hex colours: 1 to 21. */
export function computeContrast(one: string, other: string): number {
  const [lighter, darker] = [computeLuminance(one), computeLuminance(other)].sort((a, b) => b - a)
  return (lighter! + 0.05) / (darker! + 0.05)
}
