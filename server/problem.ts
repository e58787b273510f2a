// Refusals as RFC 9457 problem documents. `type` is a path on the service, /problems/{code}; every one has a
// readable page. Never a stack, a file's path or SQL.
import { PROBLEM_TYPE, type Problem } from '../core/protocol.ts'
import { type FieldError, Refusal } from '../core/refusal.ts'

/** What is the same for all problems of one code. */
export interface ProblemKind {
  status: number
  title: string
  /** For the readable page: what it means and what to do. */
  about: string
}

const KINDS: Record<string, ProblemKind> = {
  invalid: { status: 422, title: 'The input is not valid', about: 'A field is missing, unknown, too long, or not in the form the protocol asks for. “errors” names each field by its JSON pointer. Nothing was recorded.' },
  json_syntax: { status: 422, title: 'The body is not JSON', about: 'The text could not be read as JSON (RFC 8259). The detail says where. Nothing was recorded.' },
  signature: { status: 422, title: 'The signature does not hold', about: 'The signature of the event does not belong to its content and to the key in its header. Nothing was recorded.' },
  aud: { status: 422, title: 'The event is for somebody else', about: 'The audience inside the event names another site or another origin than the one it was sent for. Nothing was recorded.' },
  attestation: { status: 422, title: 'Only the service attests for itself', about: 'An event that says “server” is signed by the service alone. Send a draft instead where a page cannot sign. Nothing was recorded.' },
  unknown_notice: { status: 422, title: 'The notice is unknown', about: 'The log has no notice with this hash for this site. A notice is published before it is shown. Nothing was recorded.' },
  statement_text: { status: 422, title: 'The statement is not in the notice', about: 'The sentence in the event is not the one that the notice has for this purpose, so nobody can say what was agreed to. Nothing was recorded.' },
  unknown_purpose: { status: 422, title: 'The purpose is unknown', about: 'The notice that the event names has no purpose of this id. Nothing was recorded.' },
  log_anchor: { status: 422, title: 'The checkpoint was never published', about: 'The event names a state of the log that never existed. Nothing was recorded.' },
  prev_event_hash: { status: 422, title: 'The previous event is unknown', about: 'The event names a predecessor that its record does not have. Nothing was recorded.' },
  record_key: { status: 422, title: 'The record belongs to another key', about: 'Events of one record are signed by one key. Another joins it only with a key_binding by a key of the record; events of a contact’s record come from the service alone. Nothing was recorded: record the same decision in a new record.' },
  record_erased: { status: 422, title: 'The record was erased', about: 'What this record held was erased, and it stays closed. Nothing was recorded: record the same decision in a new record.' },
  email: { status: 422, title: 'Not an e-mail address', about: 'No mail could be sent to what was given as an address. Nothing was recorded.' },
  suppressed: { status: 409, title: 'The address is suppressed', about: 'Somebody asked that this address be used no more, or was erased. It is kept as a keyed hash only, and nobody but its owner can bring it back. Nothing was recorded.' },
  later_decision: { status: 409, title: 'The person decided later', about: 'What is to be noted is older than what the person decided about the same purpose. The later decision stays. Nothing was recorded.' },
  mailing_state: { status: 409, title: 'The mailing is in another state', about: 'A mailing is stopped while it runs, and resumed while it is stopped. Nothing was changed.' },
  event_id_conflict: { status: 409, title: 'Another event has this id', about: 'An event with the same event_id and other content is recorded already. The first one stays; the other was not recorded.' },
  unauthorized: { status: 401, title: 'A token is needed', about: 'This part of the service is for the site’s operators, who send “Authorization: Bearer” and the admin token.' },
  token_scope: { status: 403, title: 'The token is not for this', about: 'The token is in force, and meant for other work or another site. Its operator can make one for this: sayso token new.' },
  origin: { status: 403, title: 'The request comes from elsewhere', about: 'The origin of the page that sent this is not one it may come from. Registered origins are part of the site’s file.' },
  csrf: { status: 403, title: 'The form is too old', about: 'The form did not carry the secret of the page that is open. Open the link in the mail again and repeat the step. Nothing was changed.' },
  not_found: { status: 404, title: 'Nothing is here', about: 'There is nothing at this address.' },
  unknown_site: { status: 404, title: 'The site is unknown', about: 'No site of this name is published on this service.' },
  erased: { status: 410, title: 'It was erased', about: 'An event with this id was recorded, and what it said was erased since. The log still has its leaf and, after it, one that records the erasure. It cannot be had back, and it is not recorded again.' },
  method: { status: 405, title: 'Not with this method', about: 'The address exists, but it does not answer to this method. “Allow” names those it answers to.' },
  too_large: { status: 413, title: 'Too much at once', about: 'The body is larger, or the batch longer, than the service takes. Send it in parts. Nothing was recorded.' },
  media_type: { status: 415, title: 'Not in this format', about: 'The Content-Type is none that this address reads.' },
  too_many_requests: { status: 429, title: 'Too many requests', about: 'Too much came from this address in a short time. “Retry-After” says when to go on. Nothing was recorded and nothing is lost: send it again then.' },
  overloaded: { status: 503, title: 'The service is busy', about: 'The service has as much to do as it can hold. “Retry-After” says when to come back. Nothing was recorded and nothing is lost: send it again then.' },
  key_missing: { status: 500, title: 'The service lacks a key', about: 'A key that the service signs with is not where it looks for it. Its operator has to give it back. Nothing was acknowledged, so it is safe to send the same again.' },
  not_ready: { status: 503, title: 'The service cannot work just now', about: 'Something that the service needs does not answer or is missing. “errors” says which part. Its operator finds more in the log; what was acknowledged before is kept.' },
  internal: { status: 500, title: 'Something went wrong here', about: 'The service made a mistake. Nothing was acknowledged, so it is safe to send the same again.' },
}

/** What is known of a code; undefined where it has no page of its own. */
export function findProblemKind(code: string): ProblemKind | undefined {
  return Object.hasOwn(KINDS, code) ? KINDS[code] : undefined
}

/** The document for a refusal. Codes without a kind of their own are of the kind `invalid`. */
export function toProblem({ errors, code }: Refusal): Problem {
  const type = findProblemKind(code) ? code : 'invalid'
  const { status, title } = findProblemKind(type)!
  return { type: `/problems/${type}`, title, status, detail: errors.map((error) => error.detail).join(' '), errors: [...errors] }
}

/** The answer that carries a problem document. */
export function answerProblem(problem: Problem, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': `${PROBLEM_TYPE}; charset=utf-8`, 'cache-control': 'no-store', ...headers },
  })
}

/** A refusal that also says when to come back. */
export class RateRefusal extends Refusal {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number, code: 'too_many_requests' | 'overloaded' = 'too_many_requests') {
    const error: FieldError = { pointer: '', code, detail: `Try again in ${retryAfterSeconds} seconds.` }
    super([error])
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The service has too much to do; nothing of the request was read. */
export class OverloadRefusal extends RateRefusal {
  constructor(retryAfterSeconds: number) {
    super(retryAfterSeconds, 'overloaded')
  }
}
