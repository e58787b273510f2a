// A record or a receipt as ISO/IEC TS 27560 has them, in JSON-LD 1.1 with the terms of the W3C Data Privacy Vocabulary
// 2 (DPV). The context stands in the file, so nothing has to be fetched to read it. It says what the signed event and
// its notice say, and proves nothing by itself: the receipt inside does.
import type { ConsentEvent } from './event.ts'
import type { Notice } from './notice.ts'
import type { Purpose } from './purpose.ts'
import type { Receipt } from './receipt.ts'

/** Media type of JSON-LD. */
export const JSONLD_TYPE = 'application/ld+json'

/** The profiles of DPV for TS 27560 that the files follow. */
export const PROFILES = {
  record: 'https://w3id.org/dpv/schema/dpv-27560#record',
  receipt: 'https://w3id.org/dpv/schema/dpv-27560#receipt',
} as const

/** The whole context. Own terms are for what neither vocabulary has. */
export const JSONLD_CONTEXT = {
  dpv: 'https://w3id.org/dpv#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  dct: 'http://purl.org/dc/terms/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  sayso: 'urn:x-sayso:',
  'dct:conformsTo': { '@type': '@id' },
  'dct:publisher': { '@type': '@id' },
  'dct:date': { '@type': 'xsd:dateTime' },
  'dct:dateSubmitted': { '@type': 'xsd:dateTime' },
  'dct:created': { '@type': 'xsd:dateTime' },
  'dct:valid': { '@type': 'xsd:duration' },
  'dpv:hasLegalBasis': { '@type': '@id' },
  'sayso:receipt': { '@type': '@json' },
} as const

/** A JSON-LD node. */
export type Node = { [term: string]: unknown }

/** An event with what it takes to describe it. */
export interface DescribedEvent {
  event: ConsentEvent
  notice: Notice
  /** RFC 3339, from the leaf. */
  receivedAt: string
  receipt: Receipt
}

const STATUS = { given: 'dpv:ConsentGiven', refused: 'dpv:ConsentRefused', withdrawn: 'dpv:ConsentWithdrawn', expired: 'dpv:ConsentExpired' } as const

// A press on a button expresses consent; what GDPR Article 9 calls explicit is not ours to claim.
const EVENT_TYPE = { explicit: 'dpv:ExpressedConsent', signal: 'dpv:Consent', imported: 'dpv:Consent', verbal: 'dpv:ExpressedConsent' } as const

/** TS 27560 asks where data is stored; a notice may leave that out, and then nothing is made up. */
const NO_STORAGE_LOCATION = 'The notice has no statement of its own about the place of storage.'

const noticeIri = (base: string, { aud, notice_hash }: ConsentEvent) => `${base}/v1/sites/${aud.site}/notices/${notice_hash}`
const controllerIri = (base: string, event: ConsentEvent) => `${noticeIri(base, event)}#controller`
const processIri = (base: string, event: ConsentEvent, purposeId: string) => `${noticeIri(base, event)}#${purposeId}`
const subjectIri = ({ pii_principal_id }: ConsentEvent) => `urn:x-sayso:principal:${pii_principal_id}`

function describeNotice(base: string, event: ConsentEvent, { language }: Notice): Node {
  return { '@id': noticeIri(base, event), '@type': 'dpv:ConsentNotice', 'dct:identifier': event.notice_hash, 'dct:language': language }
}

function describeController(base: string, event: ConsentEvent, { controller }: Notice): Node {
  return {
    '@id': controllerIri(base, event), '@type': ['dpv:LegalEntity', 'dpv:DataController'], 'dct:identifier': `${event.aud.site}#controller`,
    'dpv:hasName': controller.name, 'dpv:hasAddress': controller.address, 'dpv:hasContact': controller.contact,
    ...(controller.dpo === null ? {} : { 'dpv:hasRepresentative': { '@type': 'dpv:DataProtectionOfficer', 'dpv:hasContact': controller.dpo } }),
  }
}

function describeProcess(base: string, event: ConsentEvent, notice: Notice, purpose: Purpose): Node {
  const say = (text: string) => ({ '@value': text, '@language': notice.language })
  return {
    '@id': processIri(base, event, purpose.id), '@type': 'dpv:Process',
    'dpv:hasPurpose': { '@type': 'dpv:Purpose', 'dct:identifier': purpose.id, 'dct:description': say(purpose.statement_text) },
    'dpv:hasLegalBasis': 'eu-gdpr:A6-1-a',
    'dpv:hasPersonalData': purpose.data_categories.map((category) => ({ '@type': 'dpv:PersonalData', 'dct:title': say(category) })),
    'dpv:hasDataController': { '@id': controllerIri(base, event) },
    'dpv:hasDataSource': { '@type': 'dpv:DataSource', 'dct:description': say(notice.collected) },
    'dpv:hasProcessing': { '@type': 'dpv:Processing', 'dct:description': say(notice.use) },
    'dpv:hasStorageCondition': [
      { '@type': 'dpv:StorageLocation', 'dct:description': notice.storage === undefined ? { '@value': NO_STORAGE_LOCATION, '@language': 'en' } : say(notice.storage) },
      { '@type': 'dpv:StorageDuration', 'dct:description': say(purpose.retention) },
    ],
    'dpv:hasJurisdiction': { '@type': 'dpv:Jurisdiction', 'dct:description': say(notice.complaint.authority) },
    'dpv:hasRecipient': purpose.recipients.map((name) => ({ '@type': 'dpv:Recipient', 'dpv:hasName': name })),
    'dpv:hasConsentControl': { '@type': 'dpv:WithdrawConsent', 'dct:description': say(notice.withdrawal) },
    'dpv:hasRight': [notice.access, notice.erasure, notice.complaint.text].map((text) => ({ '@type': 'dpv:DataSubjectRight', 'dct:description': say(text) })),
    'dpv:hasAuthority': { '@type': 'dpv:Authority', 'dpv:hasName': notice.complaint.authority },
  }
}

/** A node for each decision: TS 27560 has one state for an event, ours may decide several purposes. */
function describeDecisions(base: string, { event, receivedAt, receipt }: DescribedEvent): Node[] {
  return event.decisions.map(({ purpose_id, event_state, statement_text }) => ({
    '@id': `urn:uuid:${event.event_id}#${purpose_id}`, '@type': STATUS[event_state],
    'dct:identifier': event.event_id, 'dct:date': event.event_time, 'dct:dateSubmitted': receivedAt, 'dct:valid': event.validity_duration,
    'dct:type': event.event_type, 'dpv:hasLegalBasis': EVENT_TYPE[event.event_type],
    'dpv:isImplementedByEntity': { '@id': subjectIri(event) }, 'dpv:isIndicatedBy': { '@id': subjectIri(event) },
    'dpv:hasIndicationMethod': `${event.source.channel}: ${event.source.action}`,
    'dpv:hasNotice': { '@id': noticeIri(base, event) }, 'dpv:hasProcess': { '@id': processIri(base, event, purpose_id) },
    'sayso:statement_text': { '@value': statement_text, '@language': event.language },
    'sayso:attestation': event.attestation, 'sayso:receipt': receipt,
  }))
}

/** Nodes by their IRI, each once: events share notices, controllers and processes. */
function unique(nodes: readonly Node[]): Node[] {
  return [...new Map(nodes.map((node) => [node['@id'], node])).values()]
}

function describeRecordNode(events: readonly DescribedEvent[], base: string): Node {
  const [first] = events
  if (!first) throw new RangeError('a record has at least one event')
  const { record_id, pii_principal_id } = first.event
  return {
    '@id': `${base}/v1/records/${record_id}`, '@type': 'dpv:ConsentRecord',
    'dct:identifier': record_id, 'dct:conformsTo': PROFILES.record,
    'dpv:hasDataSubject': { '@id': subjectIri(first.event), '@type': 'dpv:DataSubject', 'dct:identifier': pii_principal_id },
    'dpv:hasDataController': unique(events.map(({ event, notice }) => describeController(base, event, notice))),
    'dpv:hasNotice': unique(events.map(({ event, notice }) => describeNotice(base, event, notice))),
    'dpv:hasProcess': unique(events.flatMap(({ event, notice }) => notice.purposes
      .filter(({ id }) => event.decisions.some((decision) => decision.purpose_id === id))
      .map((purpose) => describeProcess(base, event, notice, purpose)))),
    'dpv:hasConsentStatus': events.flatMap((described) => describeDecisions(base, described)),
  }
}

/** A record with all its events, in log order. `base` is the service, without a slash at the end. */
export function describeRecord(events: readonly DescribedEvent[], base: string): Node {
  return { '@context': JSONLD_CONTEXT, ...describeRecordNode(events, base) }
}

/** The consent receipt of one event: the record as far as this event is concerned. */
export function describeReceipt(described: DescribedEvent, base: string): Node {
  const { event, receivedAt } = described
  return {
    '@context': JSONLD_CONTEXT,
    '@id': `${base}/v1/events/${event.event_id}/receipt`, '@type': 'dpv:ConsentReceipt',
    'dct:identifier': event.event_id, 'dct:conformsTo': PROFILES.receipt, 'dct:created': receivedAt, 'dct:publisher': controllerIri(base, event),
    'dpv:hasRecordOfActivity': describeRecordNode([described], base),
  }
}
