// What a person decided so far, newest first: when, where, which button, the exact sentences, and the proof of it.
import { createTranslate, type Translate } from '../ui/i18n.ts'
import { formatMoment } from '../ui/moment.ts'
import type { HistoryEntry } from './model.ts'

/** Enough to tell a site's notices apart at a glance; the receipt has all 43. */
const FINGERPRINT_CHARACTERS = 11

/** The history, or nothing where there is none yet. */
export function History({ entries, language, siteName }: { entries: readonly HistoryEntry[]; language: string; siteName: string }) {
  if (entries.length === 0) return null
  const t = createTranslate(language)
  return (
    <section class="history" aria-labelledby="history">
      <h2 id="history">{t('history.heading')}</h2>
      <p class="hint">{t('history.intro', { count: entries.length })}</p>
      <ol role="list" reversed>
        {entries.map((entry) => <Entry key={entry.receiptHref} entry={entry} language={language} siteName={siteName} t={t} />)}
      </ol>
    </section>
  )
}

function Entry({ entry, language, siteName, t }: { entry: HistoryEntry; language: string; siteName: string; t: Translate }) {
  const date = formatMoment(entry.time, language)
  return (
    <li>
      <h3><time dateTime={entry.time}>{date}</time></h3>
      <ul class="decisions" role="list">
        {entry.decisions.map((decision) => (
          <li key={decision.purpose_id}>
            <span class={`state ${decision.event_state}`}>{t(`history.${decision.event_state}`)}</span>{' '}
            <q lang={entry.language}>{decision.statement_text}</q>
          </li>
        ))}
      </ul>
      <dl class="facts">
        <div><dt>{t('history.where')}</dt><dd>{t(`channel.${entry.channel}`, { site: siteName })}{entry.url !== null && <Place url={entry.url} />}</dd></div>
        <div><dt>{t('history.what')}</dt><dd>{describeDeed(entry, siteName, t)}</dd></div>
        <div><dt>{t('notice_page.hash')}</dt><dd><code title={entry.noticeHash}>{entry.noticeHash.slice(0, FINGERPRINT_CHARACTERS)}</code></dd></div>
        <div><dt>{t('history.proof')}</dt><dd>{t(`attestation.${entry.attestation}`)}</dd></div>
      </dl>
      <p class="links">
        <a href={entry.receiptHref} download>{t('history.receipt')}<span class="unseen"> {t('history.receipt_of', { date })}</span></a>
        <a href={entry.receiptPageHref}>{t('history.receipt_page')}<span class="unseen"> {t('history.receipt_of', { date })}</span></a>
        <a href={entry.noticeHref}>{t('history.notice')}<span class="unseen"> {t('history.receipt_of', { date })}</span></a>
      </p>
    </li>
  )
}

function describeDeed({ eventType, action, decisions }: HistoryEntry, site: string, t: Translate): string {
  if (decisions.some(({ event_state }) => event_state === 'expired')) return t('history.ended')
  return eventType === 'verbal' || eventType === 'imported' ? t(`history.${eventType}`, { site, action }) : t('history.pressed', { action })
}

// Text, not a link: the address came from somebody's page.
function Place({ url }: { url: string }) {
  return <><br /><span class="place">{url.replace(/^https?:\/\//, '')}</span></>
}
