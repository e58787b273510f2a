// Puts a site file in force: checked whole before anything is written, so a broken file changes nothing.
import { LABELS, type Notice } from '../core/notice.ts'
import { type FieldError, pointerSegment, Refusal } from '../core/refusal.ts'
import { findShamingWord } from '../core/shaming-words.ts'
import { parseSite, type Site } from '../core/site.ts'
import { defaultLabels } from '../preference-center/wording.ts'
import type { Ledger } from './ledger.ts'

/** The site of a file, its notices with every label. Throws a Refusal that names every field at fault. */
export function readSiteFile(value: unknown): Site {
  const site = parseSite(value)
  const faults: FieldError[] = []
  const fill = (pointer: string) => (notice: Notice, i: number): Notice => {
    const labels = { ...defaultLabels(notice.language), ...notice.labels }
    for (const name of LABELS) {
      const word = findShamingWord(labels[name] ?? '', notice.language)
      if (word) faults.push({ pointer: `${pointer}/notices${pointerSegment(i)}/labels/${name}`, code: 'shaming', detail: `“${word}” makes people feel bad about refusing; a label says what its button does.` })
      if (labels[name] !== undefined) continue
      faults.push({ pointer: `${pointer}/notices${pointerSegment(i)}/labels/${name}`, code: 'missing', detail: `There are no words of our own in “${notice.language}”, so the label is needed.` })
    }
    return { ...notice, labels }
  }
  const notices = site.notices.map(fill(''))
  const rules = site.places?.rules.map((rule, i) => (rule.notices ? { ...rule, notices: rule.notices.map(fill(`/places/rules/${i}`)) } : rule))
  if (faults.length > 0) throw new Refusal(faults)
  return { ...site, notices, ...(site.places && rules && { places: { ...site.places, rules } }) }
}

/** Publishes a site file: the hashes of its notices. */
export async function publishSite(ledger: Ledger, siteFile: unknown): Promise<string[]> {
  return ledger.publish(readSiteFile(siteFile))
}
