// Mails in both parts. The HTML is one narrow column of plain blocks with inline styles, so that programs that drop
// style sheets show it as meant; the style sheet only adds the dark scheme. Nothing is fetched: no image, no font.
import { createTranslate } from '../ui/i18n.ts'
import { directionOf, pickLanguage } from '../ui/languages.ts'
import { formatMoment } from '../ui/moment.ts'
import type { MailModel } from './model.ts'

const FONT = 'font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif'
const BODY = `margin:0;padding:0;background-color:#f5f4f0;color:#1c2422;${FONT};font-size:17px;line-height:1.5`
const BOX = 'max-width:560px;margin:0 auto;padding:32px 20px'
const CARD = 'background-color:#ffffff;border:1px solid #dddad2;border-radius:12px;padding:28px 24px'
const HEADING = 'margin:0 0 16px;font-size:24px;line-height:1.25;font-weight:700'
const BUTTON = 'display:inline-block;background-color:#0b5c4c;color:#ffffff;text-decoration:none;font-weight:600;padding:14px 22px;border-radius:8px'
const QUIET = 'color:#56605d;font-size:14px;line-height:1.5'

// Important, because it has to win over the inline styles.
const DARK = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.body{background-color:#111514!important;color:#e9edeb!important}
.card{background-color:#1a201e!important;border-color:#35403c!important}
.button{background-color:#8fd6c3!important;color:#0d1513!important}
.quiet{color:#a8b3af!important}
.link{color:#8fd6c3!important}
}`

/** One line without control characters: what a header can carry. */
export function subjectOf(mail: MailModel): string {
  return inline(createTranslate(mail.language)(`mail.${mail.kind}.subject`, { site: mail.siteName }))
}

/** The text part. */
export function composeText(mail: MailModel): string {
  const t = createTranslate(mail.language)
  const decisions = mail.decisions.map((decision) => `* ${inline(describe(mail, decision))}`).join('\n')
  const text = t(`mail.${mail.kind}.text`, {
    site: inline(mail.siteName), origin: mail.siteOrigin, href: mail.href, date: formatMoment(mail.expiresAt, mail.language), decisions,
  })
  const footer = t('mail.footer', {
    controller: inline(mail.controllerName), address: inline(mail.controllerAddress), unsubscribeHref: mail.unsubscribeHref,
  })
  return `${text}\n\n${footer}\n`
}

/** The HTML part. */
export function MailDocument({ model: mail }: { model: MailModel }) {
  const t = createTranslate(mail.language)
  const values = { site: mail.siteName, origin: mail.siteOrigin, date: formatMoment(mail.expiresAt, mail.language) }
  return (
    <html lang={pickLanguage(mail.language)} dir={directionOf(mail.language)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>{subjectOf(mail)}</title>
        <style>{DARK}</style>
      </head>
      <body class="body" style={BODY}>
        <div style="display:none;max-height:0;overflow:hidden">{t(`mail.${mail.kind}.preheader`)}</div>
        <div class="body" style={BODY}>
          <div style={BOX}>
            <p style="margin:0 0 16px;font-weight:600">{mail.siteName}</p>
            <div class="card" style={CARD}>
              <h1 style={HEADING}>{t(`mail.${mail.kind}.heading`)}</h1>
              <p style="margin:0 0 16px">{t(`mail.${mail.kind}.intro`, values)}</p>
              {mail.kind !== 'link' && (
                <ul style="margin:0 0 16px;padding-left:22px">
                  {mail.decisions.map((decision) => <li key={decision.statement_text} style="margin:0 0 8px">{describe(mail, decision)}</li>)}
                </ul>
              )}
              <p style="margin:0 0 24px">{t(`mail.${mail.kind}.after`, values)}</p>
              <p style="margin:0 0 24px"><a class="button" href={mail.href} style={BUTTON}>{t(`mail.${mail.kind}.button`)}</a></p>
              <p class="quiet" style={`margin:0;${QUIET}`}>{t(`mail.${mail.kind}.until`, values)}</p>
            </div>
            <p class="quiet" style={`margin:24px 0 0;${QUIET}`}>
              {mail.controllerName}<br />{mail.controllerAddress}<br />
              <a class="link" href={mail.unsubscribeHref} style="color:#0b5c4c">{t('mail.unsubscribe')}</a>
            </p>
          </div>
        </div>
      </body>
    </html>
  )
}

function describe({ kind, language }: MailModel, { event_state, statement_text }: MailModel['decisions'][number]): string {
  return kind === 'confirm' ? statement_text : createTranslate(language)(`mail.${event_state}`, { statement: statement_text })
}

function inline(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
