// The page of a withdraw-only link: one button that posts what a mail program would post, and what it did.
import { createTranslate } from '../ui/i18n.ts'
import { ActionButton } from './forms.tsx'
import type { UnsubscribePage } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'

/** Before the press, and after it. */
export function Unsubscribe({ model }: { model: UnsubscribePage }) {
  const { language, siteName: site, statements, isDone } = model
  const t = createTranslate(language)
  const list = <ul class="sentences">{statements.map((statement) => <li key={statement}>{statement}</li>)}</ul>
  if (isDone) {
    return (
      <Page frame={model} heading={t('unsubscribe.done_heading')}>
        <div class="panel saved" role="alert" tabIndex={-1} autofocus data-focus>
          <h1>{t('unsubscribe.done_heading')}</h1>
          {statements.length === 0 ? <p>{t('unsubscribe.done_empty', { site })}</p> : <><p>{t('unsubscribe.done')}</p>{list}</>}
        </div>
        <p class="lead">{t('unsubscribe.done_rest')}</p>
        <LanguageSwitch frame={model} />
      </Page>
    )
  }
  return (
    <Page frame={model} heading={t('unsubscribe.heading')}>
      <h1>{t('unsubscribe.heading')}</h1>
      {statements.length === 0 ? <p class="lead">{t('unsubscribe.intro_empty', { site })}</p> : <><p class="lead">{t('unsubscribe.intro')}</p>{list}</>}
      <form method="post" action={model.action}>
        <input type="hidden" name="List-Unsubscribe" value="One-Click" />
        {model.csrf !== null && <input type="hidden" name="csrf" value={model.csrf} />}
        <input type="hidden" name="lang" value={language} />
        <ActionButton language={language} actionId="one_click" isPrimary />
      </form>
      <LanguageSwitch frame={model} />
    </Page>
  )
}
