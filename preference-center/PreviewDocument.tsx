// The empty page on which the widget draws an old banner or form again. It is shown in a sandboxed frame only.
import { createTranslate } from '../ui/i18n.ts'
import { isOptional } from '../core/asked.ts'
import type { PreviewPage } from './proof-model.ts'

/** A page with a place for the banner, and for the form where the notice is about messages. */
export function PreviewDocument({ model: { notice, boxes, scriptHref } }: { model: PreviewPage }) {
  const asked = notice.purposes.filter((purpose) => purpose.scope === 'contact' && isOptional(purpose)).map(({ id }) => id)
    .filter((id) => boxes === null || boxes.includes(id))
  return (
    <html lang={notice.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>{createTranslate(notice.language)('evidence.preview')}</title>
        <script async src={scriptHref}></script>
      </head>
      <body>
        {asked.length > 0 && <form><div data-sayso-opt-in={asked.join(' ')}></div></form>}
      </body>
    </html>
  )
}
