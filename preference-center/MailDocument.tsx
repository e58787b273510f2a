// Mails in both parts. The HTML is one narrow column of plain blocks with inline styles, so that programs that drop
// style sheets show it as meant; the style sheet only adds the dark scheme. Nothing is fetched: no image, no font.
import { createTranslate, type Key, type Translate } from '../ui/i18n.ts'
import { directionOf, pickLanguage } from '../ui/languages.ts'
import { formatMoment } from '../ui/moment.ts'
import { hasButton } from './mail-kinds.ts'
import type { MailBrand, MailModel } from './model.ts'

const FONT = 'font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif'
const BODY = `margin:0;padding:0;background-color:#f5f4f0;color:#1c2422;${FONT};font-size:17px;line-height:1.5`
const BOX = 'max-width:560px;margin:0 auto;padding:32px 20px'
const CARD = 'background-color:#ffffff;border:1px solid #dddad2;border-radius:12px;padding:28px 24px'
const HEADING = 'margin:0 0 16px;font-size:24px;line-height:1.25;font-weight:700'
const BUTTON = 'display:inline-block;text-decoration:none;font-weight:600;padding:14px 22px;border-radius:8px'
const QUIET = 'color:#56605d;font-size:14px;line-height:1.5'
const CODE = 'margin:0 0 24px;font-size:32px;line-height:1.25;font-weight:700;letter-spacing:6px;font-variant-numeric:tabular-nums'

/** Colours of a site that names none. */
const OWN_BRAND: MailBrand = { light: { button: '#0b5c4c', button_text: '#ffffff' }, dark: { button: '#8fd6c3', button_text: '#0d1513' } }

// Important, because it has to win over the inline styles.
const describeDark = ({ button, button_text: text }: MailBrand['dark']) => `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.body{background-color:#111514!important;color:#e9edeb!important}
.card{background-color:#1a201e!important;border-color:#35403c!important}
.button{background-color:${button}!important;color:${text}!important}
.quiet{color:#a8b3af!important}
.link{color:#a8c9ff!important}
}`

/** One line without control characters: what a header can carry. */
export function subjectOf(mail: MailModel): string {
  return inline(createTranslate(mail.language)(`mail.${mail.kind}.subject`, { site: mail.siteName }))
}

/** The text part, laid out for a reader without any markup: one thought a paragraph, each link on a line of its own. */
export function composeText(mail: MailModel): string {
  const t = createTranslate(mail.language)
  const values = Object.fromEntries(Object.entries(valuesOf(mail)).map(([name, value]) => [name, inline(value)]))
  const decisions = mail.decisions.map((decision) => `* ${inline(describe(mail, decision))}`).join('\n')
  const [controller, address] = [inline(mail.controllerName), inline(mail.controllerAddress)]
  const footer = mail.unsubscribeHref === null ? `--\n${controller}, ${address}` : t('mail.footer', { controller, address, unsubscribeHref: mail.unsubscribeHref })
  const paragraphs = [
    t('mail.hello'), t(`mail.${mail.kind}.intro`, values), decisions, mail.code, t(`mail.${mail.kind}.after`, values),
    hasButton(mail.kind) && `${t(`mail.${mail.kind}.button`)}:\n${mail.href}`, mail.kind !== 'erased' && t(`mail.${mail.kind}.until`, values),
    mail.source !== null && t('mail.source', { source: inline(mail.source) }), footer,
  ]
  return `${paragraphs.filter(Boolean).join('\n\n')}\n`
}

/** The HTML part. */
export function MailDocument({ model: mail }: { model: MailModel }) {
  const t = createTranslate(mail.language)
  const values = valuesOf(mail)
  const brand = mail.brand ?? OWN_BRAND
  return (
    <html lang={pickLanguage(mail.language)} dir={directionOf(mail.language)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>{subjectOf(mail)}</title>
        <style>{describeDark(brand.dark)}</style>
      </head>
      <body class="body" style={BODY}>
        <div style="display:none;max-height:0;overflow:hidden">{t(`mail.${mail.kind}.preheader`)}</div>
        <div class="body" style={BODY}>
          <div style={BOX}>
            <p style="margin:0 0 16px;font-weight:600">{mail.siteName}</p>
            <div class="card" style={CARD}>
              <h1 style={HEADING}>{t(`mail.${mail.kind}.heading`)}</h1>
              <p style="margin:0 0 16px">{t(`mail.${mail.kind}.intro`, values)}</p>
              {mail.decisions.length > 0 && (
                <ul style="margin:0 0 16px;padding-left:22px">
                  {mail.decisions.map((decision) => <li key={decision.statement_text} style="margin:0 0 8px">{describe(mail, decision)}</li>)}
                </ul>
              )}
              {mail.code !== null && <p style={CODE} dir="ltr">{mail.code}</p>}
              <p style="margin:0 0 24px">{t(`mail.${mail.kind}.after`, values)}</p>
              {hasButton(mail.kind) && mail.href !== null && (
                <p style="margin:0 0 24px">
                  <a class="button" href={mail.href} style={`${BUTTON};background-color:${brand.light.button};color:${brand.light.button_text}`}>{t(`mail.${mail.kind}.button`)}</a>
                </p>
              )}
              <Rest mail={mail} values={values} t={t} />
            </div>
            <p class="quiet" style={`margin:24px 0 0;${QUIET}`}>
              {mail.controllerName}<br />{mail.controllerAddress}
              {mail.unsubscribeHref !== null && <><br /><a class="link" href={mail.unsubscribeHref} style="color:#0b4f8a">{t('mail.unsubscribe')}</a></>}
            </p>
          </div>
        </div>
      </body>
    </html>
  )
}

function Rest({ mail, values, t }: { mail: MailModel; values: Record<string, string>; t: Translate }) {
  return (
    <>
      {mail.kind !== 'erased' && <p class="quiet" style={`margin:0;${QUIET}`}>{t(`mail.${mail.kind}.until`, values)}</p>}
      {mail.source !== null && <p class="quiet" style={`margin:12px 0 0;${QUIET}`}>{t('mail.source', { source: mail.source })}</p>}
    </>
  )
}

function valuesOf({ siteName, siteOrigin, language, expiresAt, end, when, staff, email, action }: MailModel): Record<string, string> {
  const moment = (time: string | null) => (time === null ? '' : formatMoment(time, language))
  const key: Key | null = action === null ? null : `own_data.${action}`
  return {
    site: siteName, origin: siteOrigin, date: moment(expiresAt), end: moment(end), when: moment(when), staff: staff ?? '', email: email ?? '',
    action: key === null ? '' : createTranslate(language)(key),
  }
}

// What is only asked for is a sentence; what was decided says how.
function describe({ kind, language }: MailModel, { event_state, statement_text }: MailModel['decisions'][number]): string {
  return kind === 'changed' || kind === 'verbal' ? createTranslate(language)(`mail.${event_state}`, { statement: statement_text }) : statement_text
}

function inline(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
