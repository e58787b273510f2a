// What is answered about records: an erasure, a key that was let in, JSON-LD.
import * as v from 'valibot'

/** How many events were erased. */
export const ErasedAnswer = v.strictObject({ erased: v.pipe(v.number(), v.integer(), v.minValue(0)) })
export type ErasedAnswer = v.InferOutput<typeof ErasedAnswer>

/** A binding, signed by the service. */
export const BoundKey = v.strictObject({ key_binding: v.pipe(v.string(), v.metadata({ description: 'A compact JWS; its payload is a KeyBinding.', 'x-jws-payload': 'KeyBinding' })) })
export type BoundKey = v.InferOutput<typeof BoundKey>

/** JSON-LD 1.1 with its context inside; docs/protocol.md has its terms. */
export const JsonLd = v.looseObject({ '@context': v.looseObject({}), '@id': v.string(), '@type': v.string() })
