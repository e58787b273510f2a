// What a check found, in plain words: what holds, what does not and where, and who vouches for each event.
import type { ConsentEvent } from '../core/event.ts'
import type { Finding, Report } from '../core/report.ts'
import { createTranslate, type Translate } from '../ui/i18n.ts'
import { formatMoment } from '../ui/moment.ts'
import type { CheckResult, ListedEvent } from './check-file.ts'
import { describeFinding } from './finding.ts'

const SHOWN_FINDINGS = 50
const ATTESTATIONS = ['device', 'ephemeral', 'server'] as const

/** `isKeyOwn`: the key came from this service, which makes the check weaker. */
export interface VerifyResultProps {
  result: CheckResult
  language: string
  isKeyOwn: boolean
}

/** Whether everything holds. */
export function isHolding(result: CheckResult): boolean {
  return result.report.isValid
}

/** The result in one sentence, for the status line. */
export function summarize(result: CheckResult, language: string): string {
  const t = createTranslate(language)
  if (result.kind === 'receipt') {
    const { verified, report } = result
    if (!verified || !report.isValid) return t('verify.receipt_fails')
    const { checkpoint, index, leaf } = verified
    return t('verify.receipt_holds', { origin: checkpoint.origin, index, size: checkpoint.size, time: formatMoment(leaf.received_at, language) })
  }
  const { isValid, kind, origin, leaves } = result.report
  return isValid ? t(`verify.${kind === 'record' ? 'record' : 'site'}_holds`, { origin: origin ?? '', leaves }) : t('verify.export_fails')
}

/** All that was found. */
export function VerifyResult({ result, language, isKeyOwn }: VerifyResultProps) {
  const t = createTranslate(language)
  const isGood = isHolding(result)
  const { findings, remarks, totals } = result.report
  return (
    <section class="result" aria-labelledby="result-heading" data-verdict={isGood ? 'holds' : 'fails'}>
      <div class={isGood ? 'panel' : 'panel errors'}>
        <h2 id="result-heading">{t(isGood ? 'verify.all_holds' : 'verify.does_not_hold')}</h2>
        <p>{summarize(result, language)}</p>
        {isKeyOwn && <p><strong>{t('verify.key_own')}</strong></p>}
      </div>
      {findings.length > 0 && (
        <>
          <h3>{t('verify.findings', { count: totals.findings })}</h3>
          <FindingList findings={findings} total={totals.findings} t={t} />
        </>
      )}
      {remarks.length > 0 && (
        <div>
          <h3>{t('verify.remarks')}</h3>
          <FindingList findings={remarks} total={totals.remarks} t={t} />
        </div>
      )}
      {result.kind === 'receipt' ? <ReceiptPart result={result} t={t} /> : result.report.kind !== 'accesses' && <ExportPart result={result} language={language} t={t} />}
    </section>
  )
}

function FindingList({ findings, total, t }: { findings: readonly Finding[]; total: number; t: Translate }) {
  return (
    <>
      <ul class="findings" role="list">
        {findings.slice(0, SHOWN_FINDINGS).map(({ code, index, detail }, i) => (
          <li key={i} data-code={code}>
            <strong>{index === null ? t('verify.where_file') : t('verify.where_leaf', { index })}:</strong> {describeFinding(t, code)}
            <span class="technical">{t('verify.technical')}: <span lang="en">{code}: {detail}</span></span>
          </li>
        ))}
      </ul>
      {total > SHOWN_FINDINGS && <p>{t('verify.more', { count: total - SHOWN_FINDINGS })}</p>}
    </>
  )
}

function Decisions({ event, t }: { event: ConsentEvent; t: Translate }) {
  return (
    <ul class="decisions" role="list">
      {event.decisions.map(({ purpose_id, event_state, statement_text }) => (
        <li key={purpose_id}>
          <span class={`state ${event_state}`}>{t(`history.${event_state}`)}</span> <q lang={event.language}>{statement_text}</q>
        </li>
      ))}
    </ul>
  )
}

function ReceiptPart({ result: { verified, event }, t }: { result: CheckResult & { kind: 'receipt' }; t: Translate }) {
  return (
    <>
      {event && (
        <div class="sheet">
          <h3>{t(verified ? 'verify.claims' : 'verify.claims_unproven')}</h3>
          <Decisions event={event} t={t} />
          <dl class="facts">
            <div><dt>{t('receipt_page.device_time')}</dt><dd>{event.event_time}</dd></div>
            {verified && <div><dt>{t('receipt_page.log_time')}</dt><dd>{verified.leaf.received_at}</dd></div>}
            <div><dt>{t('receipt_page.page')}</dt><dd class="place">{event.source.url ?? '–'}</dd></div>
            <div><dt>{t('receipt_page.action')}</dt><dd lang={event.language}>{event.source.action}</dd></div>
            <div><dt>{t('receipt_page.notice')}</dt><dd><code>{event.notice_hash}</code></dd></div>
            {verified && <div><dt>{t('receipt_page.signed')}</dt><dd>{t(`receipt_page.attestation_${verified.read.event.attestation}`)}</dd></div>}
          </dl>
        </div>
      )}
      {verified && (
        <div>
          <h3>{t('verify.shown')}</h3>
          <ul class="plain">
            <li>{t('verify.shown_words')}</li>
            <li>{t('verify.shown_place')}</li>
          </ul>
          <h3>{t('verify.not_shown')}</h3>
          <ul class="plain">
            <li>{t('verify.not_shown_later')}</li>
            <li>{t('verify.not_shown_notice')}</li>
            <li>{t('verify.not_shown_person')}</li>
          </ul>
        </div>
      )}
    </>
  )
}

function ExportPart({ result: { report, events }, language, t }: { result: CheckResult & { kind: 'export' }; language: string; t: Translate }) {
  const total = ATTESTATIONS.reduce((sum, name) => sum + report.events[name], 0)
  return (
    <>
      <div>
        <h3>{t('verify.counts')}</h3>
        <ul class="plain">
          {ATTESTATIONS.map((name) => <li key={name}><strong>{report.events[name]}</strong> {t(`verify.count_${name}`)}</li>)}
        </ul>
      </div>
      {events.length > 0 && <EventTable events={events} report={report} total={total} language={language} t={t} />}
    </>
  )
}

function EventTable({ events, report, total, language, t }: { events: readonly ListedEvent[]; report: Report; total: number; language: string; t: Translate }) {
  const faulty = new Set(report.findings.map(({ index }) => index))
  // In a file of which something does not hold, no entry is vouched for; and of many findings only the first are listed.
  const otherwise = report.isValid ? 'yes' : report.totals.findings > report.findings.length ? 'unlisted' : 'unclear'
  return (
    <div>
      <h3 id="events">{t('verify.events')}</h3>
      {total > events.length && <p class="hint">{t('verify.events_first', { count: events.length, total })}</p>}
      <div class="table" role="group" aria-labelledby="events" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('verify.column_index')}</th>
              <th scope="col">{t('verify.column_time')}</th>
              <th scope="col">{t('verify.column_decisions')}</th>
              <th scope="col">{t('verify.column_attestation')}</th>
              <th scope="col">{t('verify.column_holds')}</th>
            </tr>
          </thead>
          <tbody>
            {events.map(({ index, event }) => (
              <tr key={index}>
                <td>{index}</td>
                <td>{formatTime(event.event_time, language)}</td>
                <td>{event.decisions.map(({ purpose_id, event_state }) => <div key={purpose_id}>{t(`history.${event_state}`)}: <code>{purpose_id}</code></div>)}</td>
                <td>{t(`verify.count_${ATTESTATIONS.find((name) => name === event.attestation) ?? 'server'}`)}</td>
                <td class={faulty.has(index) ? 'verdict no' : 'verdict'}>{t(`verify.${faulty.has(index) ? 'no' : otherwise}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

// The time of an event that may not hold: whatever stands there is shown.
function formatTime(time: string, language: string): string {
  return Number.isNaN(Date.parse(time)) ? time : formatMoment(time, language)
}
