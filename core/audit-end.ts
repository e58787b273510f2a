// The end of an audit: counts, the root under the checkpoint, whose key signed it, what was seen of the log earlier, and what the
// file claims.
import { isEqual, toBase64url } from './bytes.ts'
import type { Audit, Trust } from './audit.ts'
import { type Checkpoint, type NoteKey, verifyCheckpoint } from './checkpoint.ts'
import type { ExportHeader } from './export.ts'
import { hashJson } from './hash.ts'
import { checkPolicy } from './policy.ts'
import { describeStandings } from './record.ts'
import { Refusal, refuse } from './refusal.ts'

/** What can be said once all lines are read. */
export async function finishAudit(audit: Audit, trust: Trust): Promise<void> {
  const { end, leaves, header, checkpoint } = audit
  if (end === null) audit.find('cut_off', null, 'The file is cut off: it has no end line.')
  else if (end !== leaves) audit.find('leaf_count', null, `The end line counts ${end} leaves, there are ${leaves}.`)
  audit.facts.settle(audit.findings, audit.remarks)
  if (trust.policy && checkpoint) await checkPolicy(audit, header!, checkpoint, trust.policy)
  await checkSplitView(checkpoint ? [checkpoint] : [], trust, (code, detail) => audit.find(code, null, detail))
  if (audit.isWhole) await finishWhole(audit, checkpoint, trust)
  else finishRecord(audit, header!)
}

async function finishWhole(audit: Audit, checkpoint: Checkpoint | undefined, trust: Trust): Promise<void> {
  const { tree } = audit
  if (checkpoint) {
    if (tree.size !== checkpoint.size) audit.find('size', null, `The checkpoint is about ${checkpoint.size} leaves, the file has ${tree.size}.`)
    else if (!isEqual(await tree.rootAt(tree.size), checkpoint.root)) audit.find('root', null, 'The leaves do not give the root in the checkpoint: something was changed, removed or moved.')
  }
  await checkCurrentKey(audit, checkpoint, trust)
  for (const note of trust.earlierCheckpoints ?? []) {
    await audit.checkLater(null, async () => {
      const earlier = await verifyCheckpoint(note, trust.keys)
      if (earlier.size === checkpoint?.size) return
      if (earlier.size > tree.size || !isEqual(await tree.rootAt(earlier.size), earlier.root)) {
        refuse('', 'inconsistent', `The log is not a continuation of its checkpoint of size ${earlier.size}.`)
      }
    })
  }
}

// A key leaf hands the log over: from then on the key before it signs nothing more, whoever may still hold it.
async function checkCurrentKey(audit: Audit, checkpoint: Checkpoint | undefined, { keys }: Trust): Promise<void> {
  const indexOf = ({ publicKey }: NoteKey) => audit.serviceKeys.get(hashJson({ crv: 'Ed25519', kty: 'OKP', x: toBase64url(publicKey) })) ?? -1
  const [current] = keys.filter((key) => indexOf(key) >= 0).sort((a, b) => indexOf(b) - indexOf(a))
  if (!checkpoint || !current) return
  try {
    await verifyCheckpoint(audit.header!.checkpoint, [current])
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    audit.find('retired_key', null, `The checkpoint is signed by a key that leaf ${indexOf(current)} had replaced.`)
  }
}

/** Two signed checkpoints of one size and with different roots: the log told two stories. Invalid ones are left to others. */
export async function checkSplitView(known: readonly Checkpoint[], { keys, earlierCheckpoints = [] }: Trust, find: (code: string, detail: string) => void): Promise<void> {
  const roots = new Map(known.map(({ origin, size, root }) => [`${origin} ${size}`, root]))
  for (const note of earlierCheckpoints) {
    let earlier: Checkpoint
    try {
      earlier = await verifyCheckpoint(note, keys)
    } catch (error) {
      if (error instanceof Refusal) continue
      throw error
    }
    const name = `${earlier.origin} ${earlier.size}`
    const root = roots.get(name) ?? earlier.root
    if (!isEqual(root, earlier.root)) find('split_view', `The log signed two different trees of ${earlier.size} leaves: it does not show everybody the same.`)
    roots.set(name, root)
  }
}

function finishRecord(audit: Audit, header: ExportHeader): void {
  audit.remark('record_only', null, 'The file has one record only: whether other leaves are missing cannot be seen here.')
  if (!header.claimed_state) return
  const replayed = describeStandings(audit.standings)
  if (hashJson(replayed) !== hashJson(header.claimed_state.purposes)) {
    audit.find('claimed_state', null, `The events give ${JSON.stringify(replayed)}, the file claims ${JSON.stringify(header.claimed_state.purposes)}.`)
  }
}
