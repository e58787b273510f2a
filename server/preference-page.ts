// Builds the preference centre's page from what is known about the person behind the link.
import { listAsked } from '../core/choice.ts'
import { hashNotice, type Notice } from '../core/notice.ts'
import type { RecordedEvent, Standing } from '../core/record.ts'
import { findNotice } from '../core/site.ts'
import { addDuration, formatTime } from '../core/time.ts'
import type { Frame, HistoryEntry, PreferencePage } from '../preference-center/model.ts'
import { maskEmail } from './email-address.ts'
import { asksToConfirm, type Situation, standpointOf, type Visit } from './preference.ts'
import type { Anchor } from './service.ts'
import type { FoundSession } from './visit-cookie.ts'

/** What the page is built from besides the person. */
export interface PageInput {
  frame: Frame
  found: FoundSession
  /** What was just saved; null where nothing was. */
  saved: PreferencePage['saved']
  device: PreferencePage['device']['choices']
  errors: PreferencePage['errors']
  /** A checkpoint that events may name. */
  anchor: Anchor
}

function toHistoryEntry({ event, receivedAt: _receivedAt }: RecordedEvent): HistoryEntry {
  return {
    time: event.event_time, channel: event.source.channel, url: event.source.url, action: event.source.action,
    eventType: event.event_type, decisions: event.decisions, language: event.language, attestation: event.attestation,
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

/** Where something starts that needs a code. */
export function stepAddress(action: string, language: string, handle: string | null): string {
  return `/p/code?${new URLSearchParams({ for: action, lang: language, ...(handle === null ? {} : { h: handle }) })}`
}

function describeSigning(visit: Visit, situation: Situation, anchor: Anchor): PreferencePage['signing'] {
  const { contact, site } = visit
  const { states, pending, isConfirming, renewing } = standpointOf(visit, situation)
  return {
    record_id: contact.recordId, pii_principal_id: contact.principalId, aud: { site: site.site, origin: site.origins[0]! },
    prev_event_hash: situation.record.at(-1)?.hash ?? null, log_anchor: anchor,
    states: Object.fromEntries(states), pending: [...pending], isConfirming, renewing: [...renewing],
  }
}

/** Mails lead to a page that asks for one thing; once that is done it is the page as any other link opens it. */
function findMode(visit: Visit, situation: Situation, isSaved: boolean): PreferencePage['mode'] {
  const { undo } = visit.link
  if (asksToConfirm(visit, situation)) return 'confirm'
  if (isSaved) return 'manage'
  if (undo !== null) return 'undo'
  return standpointOf(visit, situation).renewing.size > 0 ? 'renew' : 'manage'
}

function findUntil({ state, since }: Standing): string | null {
  return state === 'given' ? formatTime(addDuration(Date.parse(since.receivedAt), since.event.validity_duration)) : null
}

/** The page's model. */
export function buildPreferencePage(visit: Visit, situation: Situation, notice: Notice, { frame, found, saved, device, errors, anchor }: PageInput): PreferencePage {
  const { undo } = visit.link
  const mode = findMode(visit, situation, saved !== null)
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
        since: standing?.since.event.event_time ?? null, until: standing ? findUntil(standing) : null,
        isTicked: mode === 'undo' ? proposed.has(id) : isGranted || proposed.has(id),
      }
    }),
    noticeHref: `/v1/sites/${visit.site.site}/notices/${hashNotice(notice)}`,
    history: listHistory(situation),
    device: { choices: device, href: visit.site.origins[0]! },
    ownData: (['export', 'address', 'erase'] as const).map((action) => ({ action, href: stepAddress(action, frame.language, found.handle) })),
    signing: describeSigning(visit, situation, anchor),
  }
}
