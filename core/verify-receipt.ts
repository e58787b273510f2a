// The audit of one receipt, told like that of an export: needs the log's key, taken from somewhere else.
// Not checked: the notice's words, which a receipt only names, and whether the log kept what came later.
import { checkSplitView } from './audit-end.ts'
import type { Trust } from './audit.ts'
import type { ExportHeader } from './export.ts'
import { parseJson } from './json.ts'
import { checkPolicy } from './policy.ts'
import { parseProof, type Receipt, type VerifiedReceipt, verifyReceipt } from './receipt.ts'
import { Refusal } from './refusal.ts'
import { Findings, type Report } from './report.ts'

/** A format member that says receipt; whether the rest is one, the audit says. */
export function isReceipt(text: string): boolean {
  try {
    const value = JSON.parse(text) as { format?: unknown } | null
    return typeof value?.format === 'string' && value.format.startsWith('sayso-receipt/')
  } catch {
    return false
  }
}

/** What the audit of a receipt found; `verified` where the receipt itself holds, whatever else is demanded. */
export interface ReceiptAudit {
  report: Report
  verified: VerifiedReceipt | null
}

/** Audits the JSON text of a receipt. Never throws for what is in it. */
export async function auditReceipt(text: string, trust: Trust): Promise<ReceiptAudit> {
  const findings = new Findings()
  const remarks = new Findings()
  const events: Report['events'] = { device: 0, ephemeral: 0, server: 0 }
  let verified: VerifiedReceipt | null = null
  try {
    const value = parseJson(text)
    verified = await verifyReceipt(value, trust.keys)
    const { attestation } = verified.read.event
    events[attestation] += 1
    if (attestation === 'server') remarks.add('attested', verified.index, 'The service signed for the person. Whether the log had its key before the event cannot be seen from a receipt.')
    const header: ExportHeader = { format: 'sayso-export/1', kind: 'record', origin: verified.checkpoint.origin, keys: [], checkpoint: parseProof((value as unknown as Receipt).proof).checkpoint }
    // As of a record's file that holds this one event; a receipt brings no time stamp along.
    if (trust.policy) await checkPolicy({ find: (...finding) => findings.add(...finding), remark: (...remark) => remarks.add(...remark) }, header, verified.checkpoint, trust.policy)
    await checkSplitView([verified.checkpoint], trust, (code, detail) => findings.add(code, null, detail))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    for (const { pointer, code, detail } of error.errors) findings.add(code, null, pointer ? `${pointer}: ${detail}` : detail)
  }
  const report: Report = {
    isValid: findings.total === 0, kind: 'receipt', origin: verified?.checkpoint.origin ?? null, leaves: verified ? 1 : 0,
    findings: findings.list(), remarks: remarks.list(), totals: { findings: findings.total, remarks: remarks.total }, events,
  }
  return { report, verified }
}
