// Valibot's findings as our refusals: every issue becomes the JSON pointer of the field and a sentence.
import * as v from 'valibot'
import { type FieldError, pointerSegment, Refusal } from './refusal.ts'

function describeIssue(issue: v.BaseIssue<unknown>, pointer: string): FieldError {
  const path = (issue.path ?? []).map((item) => pointerSegment(String(item.key))).join('')
  const isUnknownMember = issue.type === 'strict_object' && issue.expected === 'never'
  const isMissing = issue.type === 'strict_object' && issue.received === 'undefined'
  if (isUnknownMember) return { pointer: pointer + path, code: 'unknown_member', detail: 'This member is not known here.' }
  if (isMissing) return { pointer: pointer + path, code: 'missing', detail: 'This member is missing.' }
  return { pointer: pointer + path, code: issue.type, detail: issue.message }
}

/** The value, checked and typed; throws a Refusal that names every field at fault. */
export function validate<Schema extends v.GenericSchema>(schema: Schema, value: unknown, pointer = ''): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value)
  if (!result.success) throw new Refusal(result.issues.map((issue) => describeIssue(issue, pointer)))
  return result.output
}
