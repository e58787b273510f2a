// A notice as a page that anybody may read, under its fingerprint.
import { createTranslate } from '../ui/i18n.ts'
import { NoticeText } from '../ui/notice-text.tsx'
import type { NoticePage } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'
import { widgetWords } from './wording.ts'

/** The whole notice. */
export function NoticeDocument({ model }: { model: NoticePage }) {
  const t = createTranslate(model.language)
  return (
    <Page frame={model} heading={t('notice_page.heading')}>
      <h1>{t('notice_page.heading')}</h1>
      <LanguageSwitch frame={model} />
      <NoticeText notice={model.notice} words={widgetWords(model.language)} level={2} />
      <section class="fingerprint" aria-labelledby="fingerprint">
        <h2 id="fingerprint">{t('notice_page.hash')}</h2>
        <p><code>{model.noticeHash}</code></p>
        <p class="hint">{t('notice_page.hash_hint')}</p>
      </section>
    </Page>
  )
}
