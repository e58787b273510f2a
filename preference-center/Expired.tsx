// A personal link past its time: shows nothing about the person, but ending everything and a new link still work.
import { createTranslate } from '../ui/i18n.ts'
import { ActionButton, NewLinkForm } from './forms.tsx'
import type { ExpiredPage } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'

/** Before and after unsubscribing. */
export function Expired({ model }: { model: ExpiredPage }) {
  const { language, siteName: site, isDone } = model
  const t = createTranslate(language)
  const heading = isDone ? t('unsubscribe.done_heading') : t('expired.heading')
  return (
    <Page frame={model} heading={heading}>
      {isDone ? (
        <div class="panel saved" role="alert" tabIndex={-1} autofocus data-focus>
          <h1>{heading}</h1>
          <p>{t('expired.done', { site })}</p>
        </div>
      ) : (
        <>
          <h1>{heading}</h1>
          <p class="lead">{t('expired.intro')}</p>
          <form class="all" method="post" action={model.unsubscribeAction}>
            <input type="hidden" name="csrf" value={model.csrf} />
            <input type="hidden" name="lang" value={language} />
            <div>
              <h2>{t('preference.all_heading')}</h2>
              <p>{t('expired.all_text')}</p>
            </div>
            <ActionButton language={language} actionId="unsubscribe_all" />
          </form>
        </>
      )}
      <section aria-labelledby="new-link">
        <h2 id="new-link">{t('expired.new_heading')}</h2>
        <NewLinkForm frame={model} action={model.newLinkAction} csrf={model.csrf} />
      </section>
      <LanguageSwitch frame={model} />
    </Page>
  )
}
