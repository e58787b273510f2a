// Models as the service would fill them in, for a shop with one purpose of every kind.
import type { Language } from '../../ui/languages.ts'
import type { Notice } from '../../core/notice.ts'
import type { ExpiredPage, MailModel, NewLinkPage, NoticePage, PreferencePage, ProblemPage, StepPage, UnsubscribePage } from '../../preference-center/model.ts'

const STATEMENTS = {
  en: {
    newsletter: 'Send me the newsletter by e-mail, about twice a month, with new products and recipes.',
    offers: 'Send me personal offers by e-mail, chosen from what I bought before.',
  },
  de: {
    newsletter: 'Schicken Sie mir den Newsletter per E-Mail, etwa zweimal im Monat, mit neuen Produkten und Rezepten.',
    offers: 'Schicken Sie mir persönliche Angebote per E-Mail, ausgewählt nach meinen bisherigen Einkäufen.',
  },
} as const

/** A language of the fixtures. */
export type FixtureLanguage = Language

/** Notices are the site’s own: in other languages this one has English ones. */
const statementsOf = (language: FixtureLanguage) => STATEMENTS[language === 'de' ? 'de' : 'en']

const switchFrom = (language: FixtureLanguage) => [
  { language: 'en', href: '?lang=en' },
  { language: 'de', href: '?lang=de' },
].filter((other) => other.language !== language)

const frame = (language: FixtureLanguage) => ({ language, languages: switchFrom(language), siteName: 'Kessel & Korn' })

/** The contact notice of the shop. */
export function createNotice(language: FixtureLanguage): Notice {
  const isEnglish = language === 'en'
  const pick = (english: string, german: string) => (isEnglish ? english : german)
  return {
    schema_version: '1',
    controller: {
      name: 'Kessel & Korn GmbH', address: pick('Hafenstr. 12, 20457 Hamburg, Germany', 'Hafenstr. 12, 20457 Hamburg'),
      contact: 'privacy@kesselundkorn.example', dpo: 'Dr. Ina Vogt, dpo@kesselundkorn.example',
    },
    collected: pick('Your e-mail address, the choices you make here, and what you open of our mails.', 'Ihre E-Mail-Adresse, Ihre Auswahl hier und was Sie von unseren E-Mails öffnen.'),
    why: pick('To send you what you asked for, and nothing else.', 'Um Ihnen zu schicken, was Sie angefordert haben, und sonst nichts.'),
    shared_with: [{ name: 'Postbote Mailversand AG', purpose: pick('sends our mails', 'verschickt unsere E-Mails') }],
    use: pick('Postbote sends the mails on our behalf and deletes its copies after 30 days.', 'Postbote verschickt die E-Mails in unserem Auftrag und löscht die eigenen Kopien nach 30 Tagen.'),
    retention: pick('Until you withdraw, and proof of your choices for three years after that.', 'Bis Sie widerrufen, und den Nachweis Ihrer Auswahl noch drei Jahre danach.'),
    access: pick('Through the link in any of our mails, or by writing to us.', 'Über den Link in jeder unserer E-Mails, oder schreiben Sie uns.'),
    erasure: pick('Write to us; we answer within a month.', 'Schreiben Sie uns; wir antworten innerhalb eines Monats.'),
    complaint: {
      text: pick('You can complain to us, or to the supervisory authority at any time.', 'Sie können sich bei uns oder jederzeit bei der Aufsichtsbehörde beschweren.'),
      authority: pick('The Hamburg Commissioner for Data Protection, Ludwig-Erhard-Str. 22, 20459 Hamburg', 'Der Hamburgische Beauftragte für Datenschutz, Ludwig-Erhard-Str. 22, 20459 Hamburg'),
    },
    withdrawal: pick('You can withdraw at any time, through the link at the foot of each mail.', 'Sie können jederzeit widerrufen, über den Link am Ende jeder E-Mail.'),
    validity_duration: 'P24M',
    language,
    labels: { title: pick('Stay in touch', 'In Kontakt bleiben') },
    purposes: (['newsletter', 'offers'] as const).map((id) => ({
      id, scope: 'contact', statement_text: statementsOf(language)[id], legal_basis: 'consent',
      data_categories: id === 'newsletter' ? [pick('e-mail address', 'E-Mail-Adresse')] : [pick('e-mail address', 'E-Mail-Adresse'), pick('past orders', 'frühere Bestellungen')],
      recipients: ['Kessel & Korn GmbH', 'Postbote Mailversand AG'],
      retention: pick('until you withdraw, at most 24 months after your last order', 'bis Sie widerrufen, höchstens 24 Monate nach Ihrer letzten Bestellung'),
      tags: [],
    })),
  }
}

/** The preference centre of somebody who gets the newsletter and took the offers back. */
export function createPreferencePage(language: FixtureLanguage, changes: Partial<PreferencePage> = {}): PreferencePage {
  const notice = createNotice(language)
  const decide = (id: 'newsletter' | 'offers', event_state: 'given' | 'refused' | 'withdrawn') => ({ purpose_id: id, event_state, statement_text: statementsOf(language)[id] })
  const entry = (id: string, time: string) => ({
    time, language, eventType: 'explicit' as const, noticeHash: 'n'.repeat(43), noticeHref: `/v1/sites/shop/notices/${'n'.repeat(43)}`, receiptHref: `/p/receipt/${id}`, receiptPageHref: `/p/receipt/${id}?format=html`,
  })
  return {
    ...frame(language),
    action: '/p/open', csrf: 'csrf-token', handle: null, mode: 'manage', maskedEmail: 'm•••@example.org',
    purposes: notice.purposes.map(({ id, statement_text, recipients, retention, data_categories }) => ({
      id, statement_text, recipients, retention, data_categories,
      ...(id === 'newsletter' ? { state: 'given', since: '2026-05-03T10:15:30.123Z', until: '2028-05-03T10:15:30.123Z', isTicked: true } as const
        : { state: 'withdrawn', since: '2026-09-14T18:02:09.000Z', until: null, isTicked: false } as const),
    })),
    notice, noticeHref: `/v1/sites/shop/notices/${'n'.repeat(43)}`,
    history: [
      { ...entry('3', '2026-09-14T18:02:09.000Z'), channel: 'preference-center', url: 'https://consent.example/p/open', action: language === 'en' ? 'Save my choices' : 'Auswahl speichern', decisions: [decide('offers', 'withdrawn')], attestation: 'server' },
      { ...entry('2', '2026-05-03T10:15:30.123Z'), channel: 'preference-center', url: 'https://consent.example/p/open', action: language === 'en' ? 'Confirm' : 'Bestätigen', decisions: [decide('newsletter', 'given'), decide('offers', 'given')], attestation: 'server' },
      { ...entry('1', '2026-05-03T10:11:02.500Z'), channel: 'opt-in', url: 'https://shop.kesselundkorn.example/recipes/rye-bread', action: language === 'en' ? 'Subscribe' : 'Abonnieren', decisions: [decide('newsletter', 'given'), decide('offers', 'given')], attestation: 'device' },
    ],
    saved: null, errors: [],
    device: { choices: null, href: 'https://shop.kesselundkorn.example' },
    ownData: (['export', 'address', 'erase'] as const).map((action) => ({ action, href: `/p/code?for=${action}&lang=${language}` })),
    signing: {
      record_id: 'AAAAAAAAAAAAAAAAAAAAAA', pii_principal_id: 'AAAAAAAAAAAAAAAAAAAAAQ', aud: { site: 'shop', origin: 'https://shop.kesselundkorn.example' },
      prev_event_hash: null, log_anchor: null, states: { newsletter: 'given', offers: 'withdrawn' }, pending: [], isConfirming: false, renewing: [],
    },
    ...changes,
  }
}

/** A typed address that waits for its confirmation: both boxes are proposed, nothing is on record. */
export function createConfirmPage(language: FixtureLanguage, changes: Partial<PreferencePage> = {}): PreferencePage {
  const page = createPreferencePage(language)
  return { ...page, mode: 'confirm', history: [], purposes: page.purposes.map((purpose) => ({ ...purpose, state: 'unconfirmed', isTicked: purpose.id === 'newsletter' })), ...changes }
}

/** The page behind the undo link of a change mail. */
export function createUndoPage(language: FixtureLanguage, changes: Partial<PreferencePage> = {}): PreferencePage {
  const page = createPreferencePage(language)
  return { ...page, mode: 'undo', purposes: page.purposes.map((purpose) => ({ ...purpose, isTicked: true })), ...changes }
}

/** After a save that took the offers back. */
export function createSavedPage(language: FixtureLanguage): PreferencePage {
  return createPreferencePage(language, {
    saved: {
      decisions: [
        { purpose_id: 'newsletter', event_state: 'given', statement_text: statementsOf(language).newsletter },
        { purpose_id: 'offers', event_state: 'withdrawn', statement_text: statementsOf(language).offers },
      ],
      grantedBefore: ['offers'],
    },
  })
}

/** A confirmation that came without a tick. */
export function createErrorPage(language: FixtureLanguage): PreferencePage {
  return createConfirmPage(language, { errors: [{ key: 'nothing_chosen', field: 'purpose' }] })
}

export function createUnsubscribePage(language: FixtureLanguage, changes: Partial<UnsubscribePage> = {}): UnsubscribePage {
  return { ...frame(language), action: '/u/token', csrf: null, isDone: false, statements: Object.values(statementsOf(language)), ...changes }
}

export function createExpiredPage(language: FixtureLanguage, changes: Partial<ExpiredPage> = {}): ExpiredPage {
  return { ...frame(language), unsubscribeAction: '/p/expired', newLinkAction: '/v1/sites/shop/links', csrf: 'csrf-token', isDone: false, ...changes }
}

export function createNewLinkPage(language: FixtureLanguage, reason: NewLinkPage['reason']): NewLinkPage {
  return { ...frame(language), reason, newLinkAction: '/v1/sites/shop/links' }
}

export function createNoticePage(language: FixtureLanguage): NoticePage {
  return { ...frame(language), notice: createNotice(language), noticeHash: 'Ux3cG0uB5pV9kQdYwZ1nR7aT4eJ8sLmHf2iOxKqP0yE' }
}

export function createProblemPage(language: FixtureLanguage): ProblemPage {
  return { ...frame(language), title: 'The body is too large', detail: 'A request may have at most 256 KiB. Send fewer events at once.' }
}

/** Which mails have which parts. */
const WITH_DECISIONS: readonly MailModel['kind'][] = ['confirm', 'changed', 'ask', 'reask', 'remind', 'verbal']
const WITHOUT_LINKS: readonly MailModel['kind'][] = ['new_address', 'erased']
const WITH_CODE: readonly MailModel['kind'][] = ['code', 'new_address']

export function createMail(language: FixtureLanguage, kind: MailModel['kind']): MailModel {
  const isLinked = !WITHOUT_LINKS.includes(kind)
  const hasCode = WITH_CODE.includes(kind)
  return {
    kind, language, siteName: 'Kessel & Korn', siteOrigin: 'https://shop.kesselundkorn.example',
    controllerName: 'Kessel & Korn GmbH', controllerAddress: 'Hafenstr. 12, 20457 Hamburg', brand: null,
    href: isLinked && !hasCode ? `https://consent.example/p/${'p'.repeat(43)}` : null, unsubscribeHref: isLinked ? `https://consent.example/u/${'u'.repeat(43)}` : null,
    decisions: WITH_DECISIONS.includes(kind) ? [
      { event_state: 'given', statement_text: statementsOf(language).newsletter },
      { event_state: kind === 'changed' ? 'withdrawn' : 'given', statement_text: statementsOf(language).offers },
    ] : [],
    expiresAt: '2026-06-02T10:15:30.123Z', code: hasCode ? '048213' : null, action: hasCode ? 'address' : null, end: '2026-07-01T00:00:00.000Z', when: '2026-05-03T09:00:00.000Z',
    staff: kind === 'verbal' ? 'Anna Berg' : null, email: kind === 'address' ? 'n•••@example.net' : null, source: kind === 'ask' ? 'Handelskammer Hamburg' : null,
  }
}

/** A step towards what needs a code. */
export function createStepPage(language: FixtureLanguage, changes: Partial<StepPage> = {}): StepPage {
  return {
    ...frame(language), csrf: 'csrf-token', handle: null, formAction: '/p/code?for=export', action: 'export', step: 'send', email: 'm•••@example.org', earlierEmail: null,
    error: null, typedEmail: null, backHref: '/p/open', ...changes,
  }
}
