// For the operator: an event beside what the person saw, rebuilt from the notice that the event names, with the
// sentences compared and the event's place in log and record. And the form that asks for the token.
import type { Notice } from '../core/notice.ts'
import { isOptional } from '../core/asked.ts'
import { formatDuration } from '../ui/duration.ts'
import { createTranslate, type Translate } from '../ui/i18n.ts'
import { formatMoment } from '../ui/moment.ts'
import { NoticeText } from '../ui/notice-text.tsx'
import { fillIn } from '../ui/words.ts'
import { LanguageSwitch, Page } from './Page.tsx'
import type { EvidencePage, Neighbour, TokenPage } from './proof-model.ts'
import { EventDecisions, EventFacts, Fact, ProofFacts } from './ReceiptDocument.tsx'
import { widgetWords } from './wording.ts'

/** Asks for the admin token. It goes into the body of one request and nowhere else. */
export function TokenDocument({ model }: { model: TokenPage }) {
  const t = createTranslate(model.language)
  return (
    <Page frame={model} heading={t('evidence.heading')} hasErrors={model.isWrong} sheets={['proof']} script={null}>
      <h1>{t('evidence.heading')}</h1>
      <p class="lead">{t('evidence.token_intro')}</p>
      <LanguageSwitch frame={model} />
      <form method="post" action={model.action} class={model.isWrong ? 'field at-fault' : 'field'} novalidate>
        <label for="token">{t('evidence.token')}</label>
        {model.isWrong && <p class="error" id="token-error" role="alert">{t('evidence.token_wrong')}</p>}
        <input type="password" id="token" name="token" autocomplete="off" spellcheck={false} autofocus
          aria-invalid={model.isWrong || undefined} aria-describedby={model.isWrong ? 'token-error' : undefined} />
        <button class="primary">{t('evidence.show')}</button>
      </form>
    </Page>
  )
}

/** The evidence. */
export function EvidenceDocument({ model }: { model: EvidencePage }) {
  const { language, event, notice, siteName } = model
  const t = createTranslate(language)
  return (
    <Page frame={model} heading={t('evidence.heading')} sheets={['proof']} script={null} isWide>
      <h1>{t('evidence.heading')}</h1>
      <p class="lead">{t('evidence.intro')}</p>
      {model.compareHref && (
        <div class="panel">
          <p>{t('evidence.newer')} <a href={model.compareHref}>{t('evidence.newer_link')}</a></p>
        </div>
      )}
      <div class="beside">
        <section aria-labelledby="recorded">
          <h2 id="recorded">{t('evidence.event')}</h2>
          <EventDecisions event={event} t={t} />
          <dl class="facts">
            <EventFacts event={event} receivedAt={model.receivedAt} language={language} siteName={siteName} t={t} />
            <Fact name={t('evidence.language')}>{event.language}</Fact>
            <Fact name={t('evidence.build')}><BuildText model={model} t={t} /></Fact>
            <Fact name={t('evidence.notice_hash')}>
              <a href={model.noticeHref}><code>{event.notice_hash}</code></a><br />
              {model.isNoticeHashRight ? t('evidence.hash_same') : <strong class="verdict no">{t('evidence.hash_differs')}</strong>}
            </Fact>
            <Fact name={t('receipt_page.signed')}>{t(`receipt_page.attestation_${event.attestation}`)}</Fact>
          </dl>
        </section>
        <section aria-labelledby="shown">
          <h2 id="shown">{t('evidence.shown')}</h2>
          {model.previewHref && (
            <>
              <p class="hint">{t('evidence.frame_hint')}</p>
              <iframe class="preview" src={model.previewHref} title={t('evidence.frame')} sandbox="allow-scripts"></iframe>
            </>
          )}
          <h3>{t('evidence.in_words')}</h3>
          <ShownText notice={notice} shown={model.shown} />
          {event.source.channel === 'opt-in' && <p class="hint">{t(model.shown === null ? 'evidence.boxes_unknown' : 'evidence.boxes_known')}</p>}
          <p class="hint">{t('evidence.ticked')}</p>
        </section>
      </div>

      <section aria-labelledby="statements">
        <h2 id="statements">{t('evidence.statements')}</h2>
        <StatementTable model={model} t={t} />
      </section>

      <section aria-labelledby="chain">
        <h2 id="chain">{t('evidence.chain')}</h2>
        <dl class="facts">
          <Fact name={t('evidence.record')}><code>{event.record_id}</code></Fact>
          <Fact name={t('evidence.position')}>{t('evidence.position_of', { position: model.position, count: model.count })}</Fact>
          <Fact name={t('evidence.previous')}>{model.previous ? <NeighbourLink neighbour={model.previous} language={language} /> : t('evidence.none')}</Fact>
          <Fact name={t('evidence.next')}>
            {model.next.length === 0 ? t('evidence.none') : model.next.map((neighbour) => <div key={neighbour.eventId}><NeighbourLink neighbour={neighbour} language={language} /></div>)}
          </Fact>
          <Fact name={t('evidence.anchor')}>{event.log_anchor ? t('evidence.anchor_size', { size: event.log_anchor.size }) : t('evidence.none')}</Fact>
          <Fact name={t('evidence.receipt')}><a href={model.receiptHref}>{t('receipt_page.heading')}</a></Fact>
        </dl>
        <ProofFacts model={model} t={t} />
      </section>

      <details class="notice">
        <summary>{t('page.notice')}</summary>
        <NoticeText notice={notice} words={widgetWords(language)} level={3} />
      </details>
      <details class="notice">
        <summary>{t('evidence.raw')}</summary>
        <pre class="file" tabIndex={0}><code>{JSON.stringify(event, null, 2)}</code></pre>
      </details>
    </Page>
  )
}

function BuildText({ model: { build, currentBuild, isBuildKept }, t }: { model: EvidencePage; t: Translate }) {
  if (build === null) return <>{t('evidence.no_build')}</>
  return <>{t(build === currentBuild ? 'evidence.same_build' : isBuildKept ? 'evidence.kept_build' : 'evidence.other_build', { build, current: currentBuild })}</>
}

function NeighbourLink({ neighbour: { href, time, eventId }, language }: { neighbour: Neighbour; language: string }) {
  return <><a href={href}>{formatMoment(time, language)}</a> <code>{eventId}</code></>
}

/** The first layer in words: what stood there before anybody clicked, in the notice's language. */
function ShownText({ notice, shown }: { notice: Notice; shown: readonly string[] | null }) {
  const { labels, controller, language, purposes } = notice
  const told = purposes.filter((purpose) => !isOptional(purpose)).map(({ statement_text }) => statement_text)
  const asked = purposes.filter((purpose) => isOptional(purpose) && (shown === null || shown.includes(purpose.id)))
  const words = widgetWords(language)
  const isForm = notice.purposes.every(({ scope }) => scope === 'contact')
  return (
    <div class="sheet" lang={language}>
      {!isForm && <p><strong>{labels.title}</strong></p>}
      <p>{isForm ? labels.opt_in_intro : labels.intro}</p>
      <ul role="list">
        {asked.map(({ id, statement_text, recipients, retention }) => (
          <li key={id}>☐ {statement_text}<br /><span class="hint">{words.recipients}: {recipients.join(', ')}. {words.kept}: {retention}</span></li>
        ))}
      </ul>
      {told.length > 0 && <p>{words.necessary}: {told.join(' ')}</p>}
      <p>{words.who}: {controller.name}. {fillIn(words.validity, { duration: formatDuration(notice.validity_duration, language) })} {notice.withdrawal}</p>
      {!isForm && <p>{[labels.reject_all, labels.save, labels.accept_all].map((label) => `[ ${label} ]`).join(' ')}</p>}
    </div>
  )
}

function StatementTable({ model, t }: { model: EvidencePage; t: Translate }) {
  return (
    <div class="table" role="group" aria-labelledby="statements" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('evidence.purpose')}</th>
            <th scope="col">{t('evidence.in_event')}</th>
            <th scope="col">{t('evidence.in_notice')}</th>
            <th scope="col">{t('verify.column_holds')}</th>
          </tr>
        </thead>
        <tbody>
          {model.statements.map(({ purposeId, inEvent, inNotice }) => (
            <tr key={purposeId}>
              <th scope="row"><code>{purposeId}</code></th>
              <td lang={model.event.language}>{inEvent}</td>
              <td lang={model.notice.language}>{inNotice ?? '–'}</td>
              <td class={inEvent === inNotice ? 'verdict' : 'verdict no'}>{t(inNotice === null ? 'evidence.missing' : inEvent === inNotice ? 'evidence.same' : 'evidence.different')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
