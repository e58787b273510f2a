// What an auditor demands of a checkpoint beyond the log's signature, as C2SP tlog-policy text: which logs, which
// witnesses, how many of them. One line is our own: `stamp` names a time-stamping authority and demands a stamp.
//
//   log consent.example/log/shop+5d1a…+AbC…
//   witness north witness.north.example+9f3e…+BDe…
//   witness south witness.south.example+1c7b…+BFg…
//   group both all north south
//   quorum both
//   stamp MIIB…            (the authority's certificate: base64 of DER)
import { type Bytes, fromBase64, toBase64 } from './bytes.ts'
import { type Checkpoint, type NoteKey, parseCheckpoint, parseNoteKey, parseWitnessKey } from './checkpoint.ts'
import { type Cosignature, verifyCosignatures } from './cosignature.ts'
import type { ExportHeader } from './export.ts'
import { type FieldError, Refusal, refuse } from './refusal.ts'
import { formatTime } from './time.ts'
import { isConsistent } from './tree.ts'

/** A witness, or a group of witnesses and groups of which `threshold` must have cosigned. */
export type PolicyMember = { key: NoteKey } | { threshold: number; members: PolicyMember[] }

/** A policy, read. */
export interface Policy {
  logs: NoteKey[]
  witnesses: NoteKey[]
  /** null: no cosignature is demanded. */
  quorum: PolicyMember | null
  /** Certificates of time-stamping authorities, DER; where there is one, a stamp by one of them is demanded. */
  stampCertificates: Bytes[]
}

/** Where findings go: an audit. */
export interface PolicySink {
  find(code: string, index: number | null, detail: string): void
  remark(code: string, index: number | null, detail: string): void
}

/** Reads a policy; throws a Refusal that names every line at fault. */
export function parsePolicy(text: string): Policy {
  const policy: Policy = { logs: [], witnesses: [], quorum: null, stampCertificates: [] }
  const names = new Map<string, PolicyMember>()
  const grouped = new Set<string>()
  const errors: FieldError[] = []
  let quorums = 0

  const fail = (detail: string): never => refuse('', 'policy', detail)
  const findMember = (name: string) => names.get(name) ?? fail(`“${name}” is not defined before this line.`)

  function addKey(keys: NoteKey[], key: NoteKey): void {
    if (keys.some((known) => toBase64(known.publicKey) === toBase64(key.publicKey))) fail('This key stands twice.')
    keys.push(key)
  }

  function addName(name: string, member: PolicyMember): void {
    if (name === 'none' || names.has(name)) fail(`The name “${name}” is taken.`)
    names.set(name, member)
  }

  function readGroup(name: string, count: string, memberNames: string[]): void {
    const members = memberNames.map((member) => {
      if (grouped.has(member)) fail(`“${member}” is a member already.`)
      grouped.add(member)
      return findMember(member)
    })
    const threshold = count === 'all' ? members.length : count === 'any' ? 1 : /^[1-9]\d*$/.test(count) ? Number(count) : 0
    if (threshold < 1 || threshold > members.length) fail('How many is “all”, “any” or a number from 1 to that of the members.')
    addName(name, { threshold, members })
  }

  function readQuorum(name: string): void {
    quorums += 1
    policy.quorum = name === 'none' ? null : findMember(name)
  }

  function readLine([word, ...rest]: string[]): void {
    const [first = '', second = '', ...others] = rest
    if (word === 'log' && (rest.length === 1 || rest.length === 2)) return addKey(policy.logs, parseNoteKey(first))
    if (word === 'witness' && (rest.length === 2 || rest.length === 3)) {
      const key = parseWitnessKey(second)
      addKey(policy.witnesses, key)
      return addName(first, { key })
    }
    if (word === 'group' && others.length > 0) return readGroup(first, second, others)
    if (word === 'quorum' && rest.length === 1) return readQuorum(first)
    if (word === 'stamp' && rest.length === 1) return void policy.stampCertificates.push(fromBase64(first) ?? fail('Expected the certificate as base64 of DER.'))
    fail('Expected log, witness, group, quorum or stamp, with what belongs to it.')
  }

  for (const [i, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '')
    try {
      // eslint-disable-next-line no-control-regex -- control characters are exactly what a policy may not hold
      if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) fail('There is a control character.')
      if (words.length === 0 || words[0]!.startsWith('#')) continue
      readLine(words)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      errors.push({ pointer: `line ${i + 1}`, code: 'policy', detail: error.errors[0]!.detail })
    }
  }
  if (errors.length === 0 && quorums !== 1) errors.push({ pointer: '', code: 'policy', detail: 'A policy has exactly one quorum line.' })
  if (errors.length > 0) throw new Refusal(errors)
  return policy
}

function isMet(member: PolicyMember, cosigned: ReadonlySet<NoteKey>): boolean {
  if ('key' in member) return cosigned.has(member.key)
  return member.members.filter((one) => isMet(one, cosigned)).length >= member.threshold
}

async function checkWitnesses(sink: PolicySink, note: string, { quorum, witnesses }: Policy): Promise<void> {
  let cosignatures: Cosignature[] = []
  try {
    cosignatures = await verifyCosignatures(note, witnesses)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    // A line of a known key that does not hold spoils the note (C2SP signed-note): none of them counts.
    for (const { code, detail } of error.errors) sink.find(code, null, detail)
  }
  for (const { key, timeSeconds } of cosignatures) sink.remark('cosigned', null, `${key.name} cosigned this checkpoint at ${formatTime(timeSeconds * 1000)}.`)
  if (quorum === null || isMet(quorum, new Set(cosignatures.map(({ key }) => key)))) return
  sink.find('witness_quorum', null, `The policy’s quorum is not met: of its witnesses ${cosignatures.length} cosigned this checkpoint.`)
}

async function checkStamp(sink: PolicySink, { stamp, origin }: ExportHeader, latest: Checkpoint, certificates: readonly Bytes[]): Promise<void> {
  if (!stamp) return sink.find('stamp_missing', null, 'The policy demands a time stamp, the file has none.')
  try {
    // Its own signature is not needed, and may be by a key that was replaced since: the verified checkpoint continues it.
    const checkpoint = parseCheckpoint(stamp.checkpoint)
    const path = stamp.consistency.map((hash) => fromBase64(hash) ?? refuse('/stamp/consistency', 'stamp_invalid', 'Not a hash.'))
    if (checkpoint.origin !== origin || !isConsistent(checkpoint.size, latest.size, checkpoint.root, latest.root, path)) {
      refuse('/stamp/checkpoint', 'stamp_invalid', 'The stamped checkpoint is not an earlier one of this log.')
    }
    const token = fromBase64(stamp.token) ?? refuse('/stamp/token', 'stamp_invalid', 'Not base64.')
    // Read only where a stamp is to be checked: it is larger than everything else together.
    const { verifyStamp } = await import('./stamp.ts')
    const { timeMs } = await verifyStamp(token, stamp.checkpoint, certificates)
    sink.remark('stamped', null, `The first ${checkpoint.size} of ${latest.size} leaves stood in the log at ${formatTime(timeMs)}, says the time stamp.`)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    for (const { detail } of error.errors) sink.find('stamp_invalid', null, detail)
  }
}

/** Holds an export's checkpoint, which was verified, against a policy; says what is not met. */
export async function checkPolicy(sink: PolicySink, header: ExportHeader, checkpoint: Checkpoint, policy: Policy): Promise<void> {
  await checkWitnesses(sink, header.checkpoint, policy)
  if (policy.stampCertificates.length > 0) await checkStamp(sink, header, checkpoint, policy.stampCertificates)
}
