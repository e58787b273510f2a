// Events in, receipts out.
import * as v from 'valibot'
import { JSONLD_TYPE } from '../../core/jsonld.ts'
import { Receipt } from '../../core/receipt.ts'
import { EventBatch, EventResults } from '../answers/events.ts'
import { JsonLd } from '../answers/records.ts'
import { ACCEPT, json, JSON_TYPE, LANG, type Operation, PAGE, TEXT } from './terms.ts'

const ORIGIN_TEXT = 'A site’s registered origins may call it from a page and read the answer; the preflight is answered 204 and keeps for a day.'

/** Operations on events. */
export const EVENT_OPERATIONS: readonly Operation[] = [
  {
    method: 'post', path: '/v1/sites/:site/events', id: 'recordEvents', tag: 'Events',
    summary: 'Record one event, or up to 100',
    text: `One event is its JWS as the body. Several are a batch, as JSON or as text/plain, which needs no preflight: a body that begins with “{” is one. One bad entry never holds up the others. Nothing is answered before it is durable. ${ORIGIN_TEXT}`,
    parameters: [{ name: 'Origin', in: 'header', text: 'Where it is sent, it is registered for the site and equals the event’s `aud.origin`.' }],
    body: { content: { 'application/jose': TEXT, 'text/plain': TEXT, [JSON_TYPE]: EventBatch } },
    answers: [
      { status: 201, text: 'One event: it was recorded.', content: json(Receipt), headers: ['Cache-Control'] },
      { status: 200, text: 'One event: it was recorded before, here is its receipt again. A batch: a result for each entry, in order.', content: json(v.union([Receipt, EventResults])), headers: ['Cache-Control'] },
    ],
    problems: [
      'unknown_site', 'origin', 'media_type', 'too_large', 'json_syntax', 'invalid', 'signature', 'aud', 'attestation', 'unknown_notice', 'statement_text', 'unknown_purpose',
      'log_anchor', 'prev_event_hash', 'record_key', 'record_erased', 'erased', 'event_id_conflict',
    ],
  },
  {
    method: 'get', path: '/v1/events/:id/receipt', id: 'getReceipt', tag: 'Events', idText: 'event_id',
    summary: 'The receipt of an event again',
    text: 'Whoever knows the id of an event may fetch it, from a page of any origin.',
    parameters: [
      { name: 'format', in: 'query', text: '`json`, `html` or `jsonld`; else what Accept says.', schema: v.picklist(['json', 'html', 'jsonld']) },
      { name: 'download', in: 'query', text: 'Present: JSON, as a file.' }, LANG, ACCEPT,
    ],
    answers: [{ status: 200, text: 'The receipt.', content: { ...json(Receipt), [JSONLD_TYPE]: JsonLd, ...PAGE }, headers: ['Cache-Control'] }],
    problems: ['not_found', 'erased', 'invalid', 'unknown_site'],
  },
]
