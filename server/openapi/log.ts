// The public log.
import { BYTES, type Operation, PUBLIC, TEXT } from './terms.ts'

const problems = ['unknown_site', 'not_found']

/** Operations on the log. */
export const LOG_OPERATIONS: readonly Operation[] = [
  {
    method: 'get', path: '/log/:site/checkpoint', id: 'getCheckpoint', tag: 'Log', summary: 'The log’s signed head', text: 'A C2SP checkpoint: a signed note with origin, size and root.',
    answers: [{ status: 200, text: 'The checkpoint.', content: { 'text/plain': TEXT }, headers: PUBLIC }], problems: ['unknown_site'],
  },
  {
    method: 'get', path: '/log/:site/key', id: 'getLogKeys', tag: 'Log', summary: 'The log’s keys', text: 'A verifier key (C2SP signed-note) a line, the one in use first. Whoever audits takes them from somewhere else.',
    answers: [{ status: 200, text: 'The keys.', content: { 'text/plain': TEXT }, headers: PUBLIC }], problems: ['unknown_site'],
  },
  {
    method: 'get', path: '/log/:site/tile/*', id: 'getTile', tag: 'Log', summary: 'Some of the log’s hashes, or of its leaves', text: 'As C2SP tlog-tiles has them: 256 hashes of 32 bytes, or 256 leaves with their length (uint16, big-endian) before each.',
    answers: [{ status: 200, text: 'The tile. It never changes.', content: { 'application/octet-stream': BYTES }, headers: PUBLIC }], problems,
  },
  {
    method: 'get', path: '/log/:site/stamped', id: 'getStampedCheckpoint', tag: 'Log', summary: 'The newest checkpoint with a time stamp',
    answers: [{ status: 200, text: 'The checkpoint.', content: { 'text/plain': TEXT }, headers: PUBLIC }], problems,
  },
  {
    method: 'get', path: '/log/:site/stamped.tsr', id: 'getTimeStamp', tag: 'Log', summary: 'That time stamp', text: 'RFC 3161, in DER, as `openssl ts -verify -data stamped -in stamped.tsr` reads it.',
    answers: [{ status: 200, text: 'The stamp.', content: { 'application/timestamp-reply': BYTES }, headers: PUBLIC }], problems,
  },
]
