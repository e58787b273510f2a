// Two versions of a notice, field by field and within a field word by word. Lists are compared as the sentences that
// people read, and purposes by their id, so that a purpose that moved has not changed.
import { diffWordsWithSpace } from 'diff'
import type { Notice } from '../core/notice.ts'
import type { Purpose } from '../core/purpose.ts'
import type { Translate } from '../ui/i18n.ts'

/** A stretch of words: in both, only in the second, or only in the first. */
export interface Stretch {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** A field that differs. */
export interface FieldDifference {
  /** What the field is called, for people. */
  name: string
  kind: 'added' | 'removed' | 'changed'
  stretches: Stretch[]
}

/** What two notices differ in, and how many fields are the same. */
export interface NoticeDifference {
  fields: FieldDifference[]
  unchanged: number
}

/** Texts by name. A name that stands twice gets a number, so that no text hides another. */
class Fields {
  readonly texts = new Map<string, string>()

  set(name: string, text: string): void {
    let own = name
    for (let count = 2; this.texts.has(own); count += 1) own = `${name} (${count})`
    this.texts.set(own, text)
  }
}

function addPurpose(fields: Fields, { id, statement_text, scope, legal_basis, data_categories, recipients, retention, tags }: Purpose, t: Translate): void {
  const name = (part: string) => `${t('compare.purpose', { id })}: ${part}`
  fields.set(name(t('compare.statement')), statement_text)
  fields.set(name(t('compare.scope')), scope)
  fields.set(name(t('notice.basis')), t(`notice.${legal_basis}`))
  fields.set(name(t('notice.data')), data_categories.join(', '))
  fields.set(name(t('widget.recipients')), recipients.join(', '))
  fields.set(name(t('widget.kept')), retention)
  if (tags.length > 0) fields.set(name(t('notice.tags')), tags.join(', '))
}

/** Every text of a notice under its name, in the order in which people read them. */
function listFields(notice: Notice, t: Translate): Map<string, string> {
  const { controller, complaint } = notice
  const fields = new Fields()
  fields.set(t('notice.controller'), `${controller.name}, ${controller.address}`)
  fields.set(t('notice.contact'), controller.contact)
  if (controller.dpo !== null) fields.set(t('notice.dpo'), controller.dpo)
  for (const name of ['collected', 'why'] as const) fields.set(t(`notice.${name}`), notice[name])
  for (const party of notice.shared_with) fields.set(`${t('notice.shared_with')}: ${party.name}`, party.purpose)
  for (const name of ['use', 'retention', 'storage', 'access', 'erasure'] as const) {
    const text = notice[name]
    if (text !== undefined) fields.set(t(`notice.${name}`), text)
  }
  fields.set(t('notice.complaint'), complaint.text)
  fields.set(`${t('notice.complaint')}: ${t('compare.authority')}`, complaint.authority)
  fields.set(t('notice.withdrawal'), notice.withdrawal)
  fields.set(t('notice.duration'), notice.validity_duration)
  fields.set(t('compare.language'), notice.language)
  for (const purpose of notice.purposes) addPurpose(fields, purpose, t)
  for (const [id, text] of Object.entries(notice.labels)) if (text !== undefined) fields.set(t('compare.label', { id }), text)
  return fields.texts
}

/** Below this share of common characters the words in common are chance, and two whole sentences read better. */
const LEAST_COMMON = 0.35

function compareTexts(older: string, newer: string): Stretch[] {
  const changes = diffWordsWithSpace(older, newer)
  const common = changes.reduce((sum, { value, added, removed }) => (added || removed ? sum : sum + value.trim().length), 0)
  if (common < LEAST_COMMON * Math.max(older.length, newer.length)) return [{ kind: 'removed', text: older }, { kind: 'added', text: newer }]
  const stretches: Stretch[] = []
  for (let [i, gone, come] = [0, '', '']; i <= changes.length; i += 1) {
    const change = changes[i]
    if (change?.removed) gone += change.value
    else if (change?.added) come += change.value
    else if (change && change.value.trim() === '' && i + 1 < changes.length && gone !== '' && come !== '') {
      // White space between two replaced words: one replaced stretch.
      gone += change.value
      come += change.value
    } else {
      if (gone !== '') stretches.push({ kind: 'removed', text: gone })
      if (come !== '') stretches.push({ kind: 'added', text: come })
      if (change) stretches.push({ kind: 'same', text: change.value })
      gone = come = ''
    }
  }
  return stretches
}

/** What `newer` says otherwise than `older`; field names in the words of `t`. */
export function compareNotices(older: Notice, newer: Notice, t: Translate): NoticeDifference {
  const [before, after] = [listFields(older, t), listFields(newer, t)]
  const fields: FieldDifference[] = []
  let unchanged = 0
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)]
    if (old === now) unchanged += 1
    else if (old === undefined) fields.push({ name, kind: 'added', stretches: [{ kind: 'added', text: now! }] })
    else if (now === undefined) fields.push({ name, kind: 'removed', stretches: [{ kind: 'removed', text: old }] })
    else fields.push({ name, kind: 'changed', stretches: compareTexts(old, now) })
  }
  return { fields, unchanged }
}
