// The one page for links that do not work and for asking for a link. It looks the same whoever asks.
import { createTranslate } from '../ui/i18n.ts'
import { ErrorSummary, NewLinkForm } from './forms.tsx'
import type { NewLinkPage } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'

/** Unknown link, request, malformed address, and sent. */
export function NewLink({ model }: { model: NewLinkPage }) {
  const { language, reason, siteName: site } = model
  const t = createTranslate(language)
  const isMalformed = reason === 'malformed-email'
  const name = isMalformed ? 'ask' : reason
  const heading = t(`new_link.heading_${name}`)
  return (
    <Page frame={model} heading={heading} hasErrors={isMalformed}>
      <ErrorSummary language={language} errors={isMalformed ? [{ key: 'email', target: 'email' }] : []} />
      {reason === 'sent' ? (
        <>
          <div class="panel saved" role="alert" tabIndex={-1} autofocus data-focus>
            <h1>{heading}</h1>
            <p>{t('new_link.sent', { site })}</p>
          </div>
          <p>{t('new_link.sent_rest')}</p>
        </>
      ) : (
        <>
          <h1>{heading}</h1>
          <p class="lead">{t(`new_link.${name}`, { site })}</p>
        </>
      )}
      {reason !== 'sent' && <NewLinkForm frame={model} action={model.newLinkAction} csrf={null} isMalformed={isMalformed} />}
      <LanguageSwitch frame={model} />
    </Page>
  )
}
