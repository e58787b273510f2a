// Builds the preference centre's page from what is known about the person behind the link.
import { listAsked } from '../core/choice.ts'
import { hashNotice, type Notice } from '../core/notice.ts'
import type { RecordedEvent } from '../core/record.ts'
import { findNotice } from '../core/site.ts'
import type { Frame, HistoryEntry, PreferencePage } from '../preference-center/model.ts'
import { maskEmail } from './email-address.ts'
import { asksToConfirm, type Situation, standpointOf, type Visit } from './preference.ts'
import type { Anchor } from './service.ts'
import type { FoundSession } from './visit-cookie.ts'

/** What the page is built from besides the person. */
export interface PageInput {
  frame: Frame
  found: FoundSession
  /** Decisions of the event that was just saved; empty where nothing changed; null where nothing was saved. */
  saved: PreferencePage['saved']
  errors: PreferencePage['errors']
  /** A checkpoint that events may name. */
  anchor: Anchor
}

function toHistoryEntry({ event, receivedAt: _receivedAt }: RecordedEvent): HistoryEntry {
  return {
    time: event.event_time, channel: event.source.channel, url: event.source.url, action: event.source.action,
    decisions: event.decisions, language: event.language, attestation: event.attestation,
    noticeHash: event.notice_hash, noticeHref: `/v1/sites/${event.aud.site}/notices/${event.notice_hash}`,
    receiptHref: `/v1/events/${event.event_id}/receipt?download`, receiptPageHref: `/v1/events/${event.event_id}/receipt?format=html`,
  }
}

/** Own events and confirmed opt-ins, newest first. */
function listHistory({ record, confirmed }: Situation): HistoryEntry[] {
  return [...record, ...confirmed].sort((a, b) => b.index - a.index).map(toHistoryEntry)
}

/** The contact notice in the page's language, else in the site's. */
export function findContactNotice({ site }: Pick<Visit, 'site'>, language: string): Notice | undefined {
  return findNotice(site, 'contact', [language])
}

/** Where the page's forms post to: it names the notice that was shown. */
export function formAddress(notice: Notice, language: string): string {
  return `/p/open?lang=${language}&notice=${hashNotice(notice)}`
}

function describeSigning(visit: Visit, situation: Situation, anchor: Anchor): PreferencePage['signing'] {
  const { contact, site } = visit
  const { states, pending, isConfirming } = standpointOf(visit, situation)
  return {
    record_id: contact.recordId, pii_principal_id: contact.principalId, aud: { site: site.site, origin: site.origins[0]! },
    prev_event_hash: situation.record.at(-1)?.hash ?? null, log_anchor: anchor,
    states: Object.fromEntries(states), pending: [...pending], isConfirming,
  }
}

/** The page's model. */
export function buildPreferencePage(visit: Visit, situation: Situation, notice: Notice, { frame, found, saved, errors, anchor }: PageInput): PreferencePage {
  const { undo } = visit.link
  const mode = saved === null && undo !== null ? 'undo' : asksToConfirm(visit, situation) ? 'confirm' : 'manage'
  const proposed = new Set(mode === 'undo' ? undo : mode === 'confirm' ? situation.pending : [])
  return {
    ...frame, mode, errors, saved, notice,
    action: formAddress(notice, frame.language), csrf: found.session.csrf, handle: found.handle,
    maskedEmail: maskEmail(visit.contact.email),
    purposes: listAsked(notice).map(({ id, statement_text, recipients, retention, data_categories }) => {
      const standing = situation.standings.get(id)
      const isGranted = standing?.state === 'given'
      return {
        id, statement_text, recipients, retention, data_categories,
        state: standing?.state ?? (situation.pending.has(id) && mode === 'confirm' ? 'unconfirmed' : null),
        since: standing?.since.event.event_time ?? null,
        isTicked: mode === 'undo' ? proposed.has(id) : isGranted || proposed.has(id),
      }
    }),
    noticeHref: `/v1/sites/${visit.site.site}/notices/${hashNotice(notice)}`,
    history: listHistory(situation),
    signing: describeSigning(visit, situation, anchor),
  }
}
