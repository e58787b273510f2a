// What every route may answer: a problem document (RFC 9457), or that something was accepted.
import * as v from 'valibot'
import type { Problem as ProblemDocument } from '../../core/protocol.ts'

/** One thing that is wrong. */
export const FieldError = v.strictObject({
  pointer: v.pipe(v.string(), v.description('JSON pointer (RFC 6901) to the member at fault; empty for the whole.')),
  code: v.pipe(v.string(), v.description('Stable, for programs.')),
  detail: v.pipe(v.string(), v.description('A sentence for a person.')),
})

/** A problem document. */
export const Problem = v.strictObject({
  type: v.pipe(v.string(), v.regex(/^\/problems\/[a-z_]+$/), v.description('A path on the service, with a readable page.')),
  title: v.string(),
  status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
  detail: v.string(),
  errors: v.array(FieldError),
}) satisfies v.GenericSchema<ProblemDocument>

/** Something is done later; no more is said. */
export const Accepted = v.strictObject({ status: v.literal('accepted') })
export type Accepted = v.InferOutput<typeof Accepted>
