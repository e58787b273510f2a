// A receipt as a page: who asked, what was decided in which words, when and where, who vouches for it, and the proof.
// It prints whole, the file's own text included, so that paper alone is enough to check it again.
import type { ComponentChildren } from 'preact'
import type { ConsentEvent } from '../core/event.ts'
import { formatDuration } from '../ui/duration.ts'
import { createTranslate, type Translate } from '../ui/i18n.ts'
import { formatMoment } from '../ui/moment.ts'
import { LanguageSwitch, Page } from './Page.tsx'
import type { ReceiptPage } from './proof-model.ts'

/** The receipt. */
export function ReceiptDocument({ model }: { model: ReceiptPage }) {
  const { language, event, notice, siteName } = model
  const t = createTranslate(language)
  return (
    <Page frame={model} heading={t('receipt_page.heading')} sheets={['proof']} script={null}>
      <h1>{t('receipt_page.heading')}</h1>
      <p class="lead">{t('receipt_page.intro')}</p>
      <p class="links no-print">
        <a href={model.jsonHref} download>{t('receipt_page.download')}</a>
        <a href={model.verifyHref}>{t('receipt_page.verify')}</a>
      </p>

      <section class="sheet" aria-labelledby="decisions">
        <h2 id="decisions">{t('receipt_page.decisions')}</h2>
        <EventDecisions event={event} t={t} />
        <dl class="facts">
          <Fact name={t('receipt_page.who')}><span lang={notice.language}>{notice.controller.name}, {notice.controller.address}</span></Fact>
          <EventFacts event={event} receivedAt={model.receivedAt} language={language} siteName={siteName} t={t} />
          {notice.storage !== undefined && <Fact name={t('notice.storage')}><span lang={notice.language}>{notice.storage}</span></Fact>}
          <Fact name={t('receipt_page.notice')}><a href={model.noticeHref}>{t('receipt_page.notice_link')}</a><br /><code>{event.notice_hash}</code></Fact>
        </dl>
        <h3>{t('receipt_page.signed')}</h3>
        <p>{t(`receipt_page.attestation_${event.attestation}`)}</p>
      </section>

      <section aria-labelledby="proof">
        <h2 id="proof">{t('receipt_page.proof')}</h2>
        <ProofFacts model={model} t={t} />
      </section>

      <section aria-labelledby="check">
        <h2 id="check">{t('receipt_page.check')}</h2>
        <p>{t('receipt_page.check_key')}</p>
        <p>{t('receipt_page.check_page', { href: model.verifyHref })}</p>
        <p>{t('receipt_page.check_command')}</p>
        <pre class="command" tabIndex={0}><code>sayso verify sayso-receipt-{event.event_id}.json --key VKEY</code></pre>
      </section>

      <section aria-labelledby="json">
        <h2 id="json">{t('receipt_page.json')}</h2>
        <p class="links no-print">
          <a href={model.jsonHref} download>{t('receipt_page.download')}</a>
          <a href={model.jsonLdHref}>{t('receipt_page.jsonld')}</a>
        </p>
        <details class="notice">
          <summary>{t('receipt_page.json_show')}</summary>
          <pre class="file" tabIndex={0}><code>{model.json}</code></pre>
        </details>
      </section>
      <LanguageSwitch frame={model} />
    </Page>
  )
}

/** One line of a list of facts. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>
}

/** A point in time, in words and exactly. */
export function Moment({ time, language }: { time: string; language: string }) {
  return <><time dateTime={time}>{formatMoment(time, language)}</time><br /><code>{time}</code></>
}

/** The decisions of an event with their sentences. */
export function EventDecisions({ event, t }: { event: ConsentEvent; t: Translate }) {
  return (
    <ul class="decisions" role="list">
      {event.decisions.map((decision) => (
        <li key={decision.purpose_id}>
          <span class={`state ${decision.event_state}`}>{t(`history.${decision.event_state}`)}</span>{' '}
          <q lang={event.language}>{decision.statement_text}</q>
        </li>
      ))}
    </ul>
  )
}

/** When, where and how, as lines of a list of facts. */
export function EventFacts({ event, receivedAt, language, siteName, t }: {
  event: ConsentEvent
  receivedAt: string
  language: string
  siteName: string
  t: Translate
}) {
  const { channel, action, url } = event.source
  return (
    <>
      <Fact name={t('receipt_page.device_time')}><Moment time={event.event_time} language={language} /></Fact>
      <Fact name={t('receipt_page.log_time')}><Moment time={receivedAt} language={language} /></Fact>
      <Fact name={t('receipt_page.way')}>{t(`channel.${channel}`, { site: siteName })}</Fact>
      {/* Text, not a link: the address came from somebody's page. */}
      {url !== null && <Fact name={t('receipt_page.page')}><span class="place">{url}</span></Fact>}
      <Fact name={t('receipt_page.action')}><span lang={event.language}>{action}</span></Fact>
      <Fact name={t('receipt_page.holds')}>{formatDuration(event.validity_duration, language)}</Fact>
    </>
  )
}

/** Where the log has it, and the checkpoint that says so. */
export function ProofFacts({ model, t }: { model: ReceiptPage; t: Translate }) {
  return (
    <>
      <dl class="facts">
        <Fact name={t('receipt_page.log')}><code>{model.origin}</code></Fact>
        <Fact name={t('receipt_page.index')}>{t('receipt_page.index_of', { index: model.index, size: model.size })}</Fact>
        <Fact name={t('receipt_page.root')}><code>{model.root}</code></Fact>
        <Fact name={t('receipt_page.event_id')}><code>{model.event.event_id}</code></Fact>
        <Fact name={t('receipt_page.event_hash')}><code>{model.eventHash}</code></Fact>
      </dl>
      <h3>{t('receipt_page.checkpoint')}</h3>
      <pre class="file" tabIndex={0}><code>{model.checkpoint}</code></pre>
    </>
  )
}
