// Valibot's schemas as JSON Schema (2020-12), those with a name as components. What JSON Schema cannot say (a check by code)
// is said in the description; anything else that cannot be carried over is an error, so that nothing is lost unnoticed.
import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { Access } from '../../core/access.ts'
import { ConsentEvent, Decision, EventDraft } from '../../core/event.ts'
import { ExportEnd, ExportHeader, ExportLeaf } from '../../core/export.ts'
import { KeyBinding } from '../../core/key-binding.ts'
import { Notice } from '../../core/notice.ts'
import { Purpose } from '../../core/purpose.ts'
import { Receipt } from '../../core/receipt.ts'
import { ContactAnswer, ContactPage, EnsuredContact, LineResult } from '../answers/contacts.ts'
import { EventBatch, EventEntry, EventResult, EventResults } from '../answers/events.ts'
import { LinkResult, MailingAnswer, MailList } from '../answers/mails.ts'
import { FieldError, Problem } from '../answers/problem.ts'
import { JsonLd } from '../answers/records.ts'
import { FirstLayer, PinnedWidget, WidgetConfig } from '../answers/widget.ts'
import { ContactChange, NewContact, NewLink, VerbalDecision } from '../routes/contacts.ts'
import { MailEvents } from '../routes/mail-events.ts'
import { LinkOrder } from '../routes/mail-links.ts'
import { NewMailing } from '../routes/mailings.ts'

/** JSON Schema, as far as anything here looks into it. */
export interface JsonSchema {
  $ref?: string
  type?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  anyOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  [keyword: string]: unknown
}

/** Schemas with a name of their own, and what each is. */
const NAMED: Record<string, readonly [v.GenericSchema, string]> = {
  Problem: [Problem, 'An RFC 9457 problem document.'],
  FieldError: [FieldError, 'One thing that is wrong.'],
  Receipt: [Receipt, 'Proof that the log has an event: all texts, so that the bytes survive. `event` is the JWS as it came, `leaf` the text of its leaf, `proof` a C2SP tlog-proof with the signed checkpoint.'],
  ConsentEvent: [ConsentEvent, 'The payload of a consent event, a compact JWS (`typ` consent-event+jws, ES256, the public key in the header). What the members mean, and the rules beyond this schema, is in docs/protocol.md.'],
  EventDraft: [EventDraft, 'A consent event that nobody vouches for yet: without `attestation`. The service attests it itself.'],
  Decision: [Decision, 'What was decided about one purpose. `statement_text` equals the notice’s.'],
  EventBatch: [EventBatch, 'Several events at once.'],
  EventEntry: [EventEntry, 'A signed event, or a draft from a page that cannot sign.'],
  EventResults: [EventResults, 'The answer to a batch.'],
  EventResult: [EventResult, 'The result for one entry; `status` is what the entry alone would have got.'],
  KeyBinding: [KeyBinding, 'The payload of a key binding, a compact JWS (`typ` key-binding+jws): lets a key into a record.'],
  Notice: [Notice, 'What people are shown, in one language. Its address is the SHA-256 of its canonical JSON (RFC 8785).'],
  Purpose: [Purpose, 'Something that people may allow or refuse.'],
  WidgetConfig: [WidgetConfig, 'What the rest of the widget asks for when it is due.'],
  FirstLayer: [FirstLayer, 'What the banner shows, in finished strings; a list, because every visitor downloads it.'],
  PinnedWidget: [PinnedWidget, 'A script that a page may pin (Subresource Integrity).'],
  Contact: [ContactAnswer, 'A person whose address is known.'],
  EnsuredContact: [EnsuredContact, 'A contact that was made, or was there.'],
  ContactPage: [ContactPage, 'Some of the contacts.'],
  NewContact: [NewContact, 'A contact to be made. `source` is told to the person in the first mail (GDPR Article 14); `ask`: false sends no mail that asks for a first decision.'],
  ContactChange: [ContactChange, 'What may change about a contact; what is left out stays.'],
  NewLink: [NewLink, '`P`: see and change. `U`: withdraw only. `send`: true mails it instead of answering it.'],
  VerbalDecision: [VerbalDecision, 'What somebody was told and said, as a member of staff notes it.'],
  LineResult: [LineResult, 'What happened to a line of a list, or would.'],
  LinkOrder: [LinkOrder, 'Whose links, and for which purpose’s mail.'],
  LinkResult: [LinkResult, 'A contact’s links, and whether it may get the mail.'],
  NewMailing: [NewMailing, 'A mail to the whole list.'],
  Mailing: [MailingAnswer, 'A mail to the whole list, and how far it is.'],
  MailList: [MailList, 'Mails that wait or are stuck.'],
  MailEvents: [MailEvents, 'What a mail provider tells.'],
  ExportHeader: [ExportHeader, 'First line of an export. Its keys are for convenience and are never trusted.'],
  ExportLeaf: [ExportLeaf, 'A leaf of the log and what lies beside it.'],
  Access: [Access, 'An entry of the log of accesses: who read or took out what. Names people by pseudonymous ids only.'],
  ExportEnd: [ExportEnd, 'Last line of an export; without it the file is cut off.'],
  JsonLd: [JsonLd, 'JSON-LD 1.1 with its context inside, in the terms of ISO/IEC TS 27560 and DPV.'],
}

/** What Valibot does not know of texts that hold something else; it stays out of core/, which every visitor's browser loads. */
const EVENT_JWS = { description: 'A compact JWS; its payload is a ConsentEvent.', 'x-jws-payload': 'ConsentEvent' }
const BINDING_JWS = { description: 'A compact JWS; its payload is a KeyBinding.', 'x-jws-payload': 'KeyBinding' }
const ENTRY = { description: 'The text of an Access, of which the leaf has the hash.', contentMediaType: 'application/json', contentSchema: { $ref: '#/components/schemas/Access' } }
const ADDED: Record<string, Record<string, JsonSchema>> = { Receipt: { event: EVENT_JWS }, ExportLeaf: { event: EVENT_JWS, key_binding: BINDING_JWS, access: ENTRY } }

const CONFIG: ConversionConfig = {
  target: 'draft-2020-12',
  definitions: Object.fromEntries(Object.entries(NAMED).map(([name, [schema]]) => [name, schema])),
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  overrideAction({ valibotAction, jsonSchema }) {
    const message = 'message' in valibotAction ? valibotAction.message : undefined
    // White space at the ends is cut off before anything else is looked at: nothing that a schema has to say.
    if (valibotAction.type === 'trim') return jsonSchema
    if (valibotAction.type !== 'check' || typeof message !== 'string') return undefined
    return { ...jsonSchema, description: [jsonSchema.description, `Checked beyond this schema: “${message}”`].filter(Boolean).join(' ') }
  },
}

/** A schema as JSON Schema; those with a name are references to components. */
export function convertSchema(schema: v.GenericSchema): JsonSchema {
  const { $schema: _dialect, $defs: _all, ...own } = toJsonSchema(schema, CONFIG)
  return own as JsonSchema
}

/** The components. */
export function listComponents(): Record<string, JsonSchema> {
  const { definitions, ...config } = CONFIG
  const converted = toJsonSchemaDefs(definitions!, config) as Record<string, JsonSchema>
  for (const [name, members] of Object.entries(ADDED)) for (const [member, more] of Object.entries(members)) Object.assign(converted[name]!.properties![member]!, more)
  return Object.fromEntries(Object.entries(converted).map(([name, schema]) => [name, { description: NAMED[name]![1], ...schema }]))
}
