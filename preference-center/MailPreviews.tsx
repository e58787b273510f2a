// Every mail of a site on one page, as an operator wants to see them before anybody gets one.
import { createTranslate } from '../ui/i18n.ts'
import { directionOf } from '../ui/languages.ts'
import type { MailPreviewPage } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'

/** Each mail in a frame of its own, with its subject above and its text part below. */
export function MailPreviews({ model }: { model: MailPreviewPage }) {
  const { language, mails, siteName: site } = model
  const t = createTranslate(language)
  return (
    <Page frame={model} heading={t('mail_preview.heading')} sheets={['mail-previews']} script={null} isWide>
      <h1>{t('mail_preview.heading')}</h1>
      <p class="lead">{t('mail_preview.intro', { site })}</p>
      <LanguageSwitch frame={model} />
      {mails.map(({ kind, subject, text, href }) => (
        <section class="mail" key={kind} aria-labelledby={`mail-${kind}`}>
          <h2 id={`mail-${kind}`} lang={language}>{subject}</h2>
          <iframe src={href} title={subject} sandbox="" loading="lazy"></iframe>
          <details>
            <summary>{t('mail_preview.text')}</summary>
            <pre dir={directionOf(language)}>{text}</pre>
          </details>
        </section>
      ))}
    </Page>
  )
}
