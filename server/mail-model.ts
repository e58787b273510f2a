// What a waiting mail says once it is due: its links and codes are made only then, so that none is ever stored.
import { listAsked } from '../core/choice.ts'
import type { ConsentEvent } from '../core/event.ts'
import type { Notice } from '../core/notice.ts'
import { findNotice, type Site } from '../core/site.ts'
import { paletteOf } from '../core/appearance.ts'
import { formatTime } from '../core/time.ts'
import type { MailKind } from '../preference-center/mail-kinds.ts'
import type { MailBrand, MailModel } from '../preference-center/model.ts'
import { CODE_LIFE_MS, createCode, hashCode } from './code.ts'
import { maskEmail } from './email-address.ts'
import { createLink, type LinkInput } from './link.ts'
import type { Service } from './service.ts'
import type { Contact, QueuedMail } from './store.ts'
import { readStoredEvent } from './stored-event.ts'

type Parts = Pick<Service, 'store' | 'now' | 'random' | 'baseUrl'>

/** A mail without anything that only some have. */
export function createBareModel(kind: MailKind, language: string, site: Site, notice: Notice): MailModel {
  return {
    kind, language, siteName: site.name, siteOrigin: site.origins[0]!, controllerName: notice.controller.name, controllerAddress: notice.controller.address,
    brand: findBrand(site), href: null, unsubscribeHref: null, decisions: [], expiresAt: null, code: null, action: null, end: null, when: null, staff: null, email: null, source: null,
  }
}

/** The site's own colours, which were checked for contrast when it was published. */
function findBrand({ appearance = {} }: Site): MailBrand | null {
  const [light, dark] = [paletteOf(appearance, 'light'), paletteOf(appearance, 'dark')]
  const pick = ({ button_background: button, button_text }: NonNullable<typeof light>) => ({ button, button_text })
  return light && dark ? { light: pick(light), dark: pick(dark) } : null
}

/** The notice that mails in a language speak from. */
export function findMailNotice(site: Site, language: string): Notice {
  return findNotice(site, 'contact', [language]) ?? site.notices[0]!
}

/** Statements of these purposes, as in the notice. */
export function listStatements(notice: Notice, isMeant: (id: string) => boolean): MailModel['decisions'] {
  return listAsked(notice).filter(({ id }) => isMeant(id)).map(({ statement_text }) => ({ statement_text, event_state: 'given' }))
}

async function findEvent({ store }: Parts, { site, details }: QueuedMail): Promise<ConsentEvent | undefined> {
  const stored = details.eventHash === undefined ? undefined : await store.findEventByHash(site, details.eventHash)
  return stored && readStoredEvent(stored).event
}

async function addLink({ store, now, random, baseUrl }: Parts, input: Pick<LinkInput, 'kind' | 'origin' | 'undo' | 'renew' | 'restoreEmail'>, { site, id }: Contact): Promise<{ href: string; expiresAt: string | null }> {
  const { token, link } = createLink({ ...input, site, contactId: id, nowMs: now(), random })
  await store.addLink(link)
  return { href: `${baseUrl}/${input.kind.toLowerCase()}/${token}`, expiresAt: link.expiresAt }
}

/** What the personal link of a mail opens with. */
function describeLink({ kind, recipient, details }: QueuedMail): Pick<LinkInput, 'origin' | 'undo' | 'renew' | 'restoreEmail'> {
  return {
    origin: 'contactId' in recipient ? 'sent' : 'requested',
    undo: kind === 'changed' || kind === 'verbal' ? (details.grantedBefore ?? []) : null,
    renew: kind === 'reask' || kind === 'remind' ? (details.purposes ?? []) : null,
    restoreEmail: kind === 'address' ? (recipient.email ?? null) : null,
  }
}

/** Makes the code that a visit waits for; undefined where it waits no more. */
async function makeCode({ store, now, random }: Parts, { code }: QueuedMail['details']): Promise<Pick<MailModel, 'code' | 'action'> | undefined> {
  if (!code) return undefined
  const digits = createCode(random)
  const isAwaited = await store.setCode(code.sessionHash, code.action, { codeHash: hashCode(code.sessionHash, digits), expiresAt: formatTime(now() + CODE_LIFE_MS) })
  return isAwaited ? { code: digits, action: code.action === 'new_address' ? 'address' : code.action } : undefined
}

/** What the mail says; undefined where there is no reason for it any more. */
export async function composeMailModel(parts: Parts, mail: QueuedMail, contact: Contact, site: Site): Promise<MailModel | undefined> {
  const { kind, language, details } = mail
  const notice = findMailNotice(site, language)
  const bare = createBareModel(kind, language, site, notice)
  // Goes to an address that is not the contact's yet, so nothing in it leads to the contact.
  if (kind === 'new_address') {
    const code = await makeCode(parts, details)
    return code && { ...bare, ...code }
  }
  const unsubscribeHref = (await addLink(parts, { kind: 'U', origin: 'sent' }, contact)).href
  if (kind === 'code') {
    const code = await makeCode(parts, details)
    return code && { ...bare, ...code, unsubscribeHref }
  }
  const event = await findEvent(parts, mail)
  const decisions = kind === 'ask' ? listStatements(notice, () => true)
    : kind === 'reask' || kind === 'remind' ? listStatements(notice, (id) => details.purposes?.includes(id) ?? false)
    : (event?.decisions ?? []).filter(({ event_state }) => kind !== 'confirm' || event_state === 'given')
  return {
    ...bare, ...(await addLink(parts, { kind: 'P', ...describeLink(mail) }, contact)), unsubscribeHref, decisions,
    end: details.end ?? null, when: kind === 'verbal' ? (event?.event_time ?? null) : null, staff: details.staff ?? null,
    email: kind === 'address' ? maskEmail(contact.email) : null, source: kind === 'ask' ? contact.source : null,
  }
}
