// The audit of a log of accesses: each leaf has its entry, unchanged, of this site, and once.
import { hasPlace, isAccessLog, siteOfLog } from './access.ts'
import { type Audit, nameOfLog } from './audit.ts'
import type { ExportHeader } from './export.ts'
import type { Leaf } from './leaf.ts'
import type { LeafReading } from './read-line.ts'
import { Refusal, refuse } from './refusal.ts'

/** Requires that a log of accesses is exported as one, and no other is: each has leaves that the other may not have. Throws a Refusal. */
export function checkKind({ kind, origin }: ExportHeader): void {
  if (isAccessLog(origin) !== (kind === 'accesses')) refuse('/header/origin', 'origin', `An export of the kind “${kind}” cannot be of the log “${origin}”.`)
}

/** Requires that a leaf of this type may stand in a log that is exported so. Throws a Refusal. */
export function checkLeafType(kind: ExportHeader['kind'], { type }: Leaf): void {
  if (!hasPlace(type, kind === 'accesses')) refuse('/leaf', 'leaf', `A leaf of the type “${type}” has no place in this log.`)
}

/** An entry beside its leaf. What does not hold is noted, or thrown as a Refusal where nothing more can be said. */
export function checkAccess(audit: Audit, { line: { index }, access: reading }: LeafReading, leaf: Leaf): void {
  if (reading === null) return refuse('/access', 'missing_body', 'The entry is missing, and entries are never erased.')
  if (reading.hash !== leaf.hash) audit.find('access_hash', index, '/access: The entry is not the one that was logged: its hash differs.')
  if (reading.access === null) throw new Refusal(reading.errors)
  const { site, access_id: accessId, operator } = reading.access
  audit.accesses[operator.kind] += 1
  audit.facts.addAccess(index, accessId)
  if (site !== siteOfLog(nameOfLog(audit.header!))) refuse('/access/site', 'access_site', `The entry is about the site “${site}”, not this log's.`)
}
