// A leaf of the log: what is hashed into the tree. It holds no personal data; bodies live beside the log.
//
//   {"v":1,"type":"event","hash":"<43 characters>","received_at":"2026-11-21T10:15:30.123Z"}
import { fromBase64url } from './bytes.ts'
import { refuse } from './refusal.ts'
import { isTime } from './time.ts'

/** What a leaf stands for. `access` stands in logs of accesses only, which have no others but `key`; see core/access.ts. */
export type LeafType = 'event' | 'notice' | 'key' | 'erasure' | 'access'

/** One leaf. */
export interface Leaf {
  type: LeafType
  /** base64url SHA-256: event_hash, notice_hash, SHA-256(JCS(public JWK)), the hash of the erased leaf, or that of an access's entry. */
  hash: string
  /** When the sequencer took it: RFC 3339, UTC, milliseconds. Never decreases along a log. */
  received_at: string
}

const LEAF = /^\{"v":1,"type":"(event|notice|key|erasure|access)","hash":"([\w-]{43})","received_at":"([^"\\]{24})"\}$/

/** The exact text of a leaf. */
export function formatLeaf(leaf: Leaf): string {
  return `{"v":1,"type":"${leaf.type}","hash":"${leaf.hash}","received_at":"${leaf.received_at}"}`
}

/** Reads the text of a leaf; any other spelling is refused. */
export function parseLeaf(text: string): Leaf {
  const [, type, hash, receivedAt] = LEAF.exec(text) ?? []
  if (!type || !hash || !receivedAt || fromBase64url(hash)?.length !== 32 || !isTime(receivedAt)) {
    return refuse('/leaf', 'leaf', 'Not the exact text of a leaf.')
  }
  return { type: type as LeafType, hash, received_at: receivedAt }
}
