// Two versions of a notice as a readable difference: what went is struck through, what came is underlined, and both
// carry marks and words, so that neither colour nor sight is needed to tell them apart.
import { createTranslate, type Translate } from '../ui/i18n.ts'
import { formatMoment } from '../ui/moment.ts'
import { compareNotices, type Stretch } from './notice-difference.ts'
import { LanguageSwitch, Page } from './Page.tsx'
import type { ComparisonPage, NoticeVersion } from './proof-model.ts'

/** The comparison. */
export function NoticeComparison({ model }: { model: ComparisonPage }) {
  const { language, older, newer } = model
  const t = createTranslate(language)
  const { fields, unchanged } = compareNotices(older.notice, newer.notice, t)
  const isTranslation = older.notice.language !== newer.notice.language
  // Texts of two languages side by side belong to neither.
  const textLanguage = isTranslation ? undefined : newer.notice.language
  return (
    <Page frame={model} heading={t('compare.heading')} sheets={['proof']} script={null}>
      <h1>{t('compare.heading')}</h1>
      <dl class="facts">
        <Version name={t('compare.older')} version={older} language={language} t={t} />
        <Version name={t('compare.newer')} version={newer} language={language} t={t} />
      </dl>
      {isTranslation && <p>{t('compare.other_language', { older: older.notice.language, newer: newer.notice.language })}</p>}
      <p class="lead">{older.hash === newer.hash ? t('compare.same') : fields.length === 0 ? t('compare.reordered') : t('compare.count', { count: fields.length })}</p>
      {fields.length > 0 && <p class="hint">{t('compare.intro')}</p>}
      {fields.map(({ name, kind, stretches }) => (
        <section class="difference" key={name}>
          <h2>{name}</h2>
          <p class="kind">{t(`compare.${kind}`)}</p>
          <p lang={textLanguage}>{stretches.map((stretch, i) => <Words key={i} stretch={stretch} t={t} language={language} />)}</p>
        </section>
      ))}
      {unchanged > 0 && <p class="hint">{t('compare.unchanged', { count: unchanged })}</p>}
      <LanguageSwitch frame={model} />
    </Page>
  )
}

function Version({ name, version: { hash, href, receivedAt }, language, t }: { name: string; version: NoticeVersion; language: string; t: Translate }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd><a href={href}><code>{hash}</code></a><br />{t('compare.published', { time: formatMoment(receivedAt, language) })}</dd>
    </div>
  )
}

function Words({ stretch: { kind, text }, t, language }: { stretch: Stretch; t: Translate; language: string }) {
  if (kind === 'same') return <>{text}</>
  const Tag = kind === 'added' ? 'ins' : 'del'
  return <Tag><span class="unseen" lang={language}>{t(`compare.${kind}`)}: </span>{text}</Tag>
}
