// The first layer: what a banner shows of a notice before anybody has clicked, as finished strings. The service bakes
// it into widget.js, and the device makes it again from the notice with that hash, to check that they are the same.
import type { Notice } from '../core/notice.ts'
import type { FirstLayer } from '../core/protocol.ts'
import { isOptional } from '../core/asked.ts'
import { fillIn, type Words } from './words.ts'

/** The first layer of a notice. `words` needs what ui/locales has under `widget`, in the notice's language; `duration` is its validity in words. */
export function writeFirstLayer(notice: Notice, noticeHash: string, words: Words, duration: string): FirstLayer {
  const { labels, language, purposes } = notice
  const device = purposes.filter(({ scope }) => scope === 'device')
  const told = device.filter((purpose) => !isOptional(purpose)).map((purpose) => purpose.statement_text)
  const fact = (name: string | undefined, value: string) => fillIn(words.fact, { name: name ?? '', value })
  const facts = [
    fact(words.who, notice.controller.name),
    ...(told.length > 0 ? [fact(words.necessary, told.join(' '))] : []),
    fillIn(words.validity, { duration }),
    notice.withdrawal,
  ]
  const asked = device.filter(isOptional).map(({ id, statement_text, recipients, retention }): FirstLayer[4][number] =>
    [id, statement_text, `${fact(words.recipients, recipients.join(', '))}. ${fact(words.kept, retention)}`])
  const label = (name: keyof typeof labels) => labels[name] ?? ''
  return [
    noticeHash, language, label('title'), label('intro'), asked, facts,
    label('full_notice'), label('choose'), label('close'), label('reject_all'), label('save'), label('accept_all'),
  ]
}

/** Whether two first layers say the same, to the letter. */
export function isSameLayer(one: FirstLayer, other: FirstLayer): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
