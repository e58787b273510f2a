// A mail has its styles inline, as mail programs want them; a page of ours may not. Here they move into the mail's one style sheet,
// which a policy can name by its hash.
import { toBase64, utf8 } from '../core/bytes.ts'
import { sha256 } from '../core/hash.ts'

/** The same document without a `style` attribute, and the source expression of its style sheet (CSP 3, section 2.3.1). */
export function gatherStyles(html: string): { html: string; source: string } {
  const styles: string[] = []
  // Text and attributes are escaped, so no quotation mark but an attribute's own follows this name.
  const bare = html.replace(/ style="([^"]*)"/g, (_, escaped: string) => {
    const style = escaped.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
    if (!styles.includes(style)) styles.push(style)
    return ` data-style="${styles.indexOf(style)}"`
  })
  const rules = styles.map((style, i) => `[data-style="${i}"]{${style}}`).join('\n')
  let sheet = ''
  const gathered = bare.replace(/<style>([^<]*)<\/style>/, (_, own: string) => {
    sheet = `${rules}\n${own}`
    return `<style>${sheet}</style>`
  })
  return { html: gathered, source: `'sha256-${toBase64(sha256(utf8(sheet)))}'` }
}
