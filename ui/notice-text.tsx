// The full notice as headings and lists: who is responsible, the eight things a notice must say, how to change
// one's mind, and every purpose. The notice's own words carry its language.
import type { Notice } from '../core/notice.ts'
import type { Purpose } from '../core/purpose.ts'
import { formatDuration } from './duration.ts'
import type { Words } from './words.ts'

/** `level` is the level of the item headings. `words` needs what ui/locales has under `notice`, `recipients` and `kept`. */
export interface NoticeTextProps {
  notice: Notice
  words: Words
  level: 2 | 3 | 4
}

/** A notice, readable. */
export function NoticeText({ notice, words, level }: NoticeTextProps) {
  const Heading = `h${level}` as const
  const { controller, complaint, language } = notice
  return (
    <div class="notice-text">
      <Heading>{words.controller}</Heading>
      <p lang={language}>{controller.name}, {controller.address}</p>
      <dl class="facts">
        <div><dt>{words.contact}</dt><dd lang={language}>{controller.contact}</dd></div>
        {controller.dpo !== null && <div><dt>{words.dpo}</dt><dd lang={language}>{controller.dpo}</dd></div>}
      </dl>
      <Heading>{words.collected}</Heading>
      <p lang={language}>{notice.collected}</p>
      <Heading>{words.why}</Heading>
      <p lang={language}>{notice.why}</p>
      <Heading>{words.shared_with}</Heading>
      {notice.shared_with.length === 0 ? <p>{words.nobody}</p> : (
        <ul lang={language}>
          {notice.shared_with.map((party) => <li key={party.name}><strong>{party.name}</strong>: {party.purpose}</li>)}
        </ul>
      )}
      <Heading>{words.use}</Heading>
      <p lang={language}>{notice.use}</p>
      <Heading>{words.retention}</Heading>
      <p lang={language}>{notice.retention}</p>
      {notice.storage !== undefined && <><Heading>{words.storage}</Heading><p lang={language}>{notice.storage}</p></>}
      <Heading>{words.access}</Heading>
      <p lang={language}>{notice.access}</p>
      <Heading>{words.erasure}</Heading>
      <p lang={language}>{notice.erasure}</p>
      <Heading>{words.complaint}</Heading>
      <p lang={language}>{complaint.text}</p>
      <p lang={language}>{complaint.authority}</p>
      <Heading>{words.withdrawal}</Heading>
      <p lang={language}>{notice.withdrawal}</p>
      <Heading>{words.duration}</Heading>
      <p lang={language}>{formatDuration(notice.validity_duration, language)}</p>
      <Heading>{words.purposes}</Heading>
      <ul class="notice-purposes" role="list">
        {notice.purposes.map((purpose) => <PurposeText key={purpose.id} purpose={purpose} language={language} words={words} />)}
      </ul>
    </div>
  )
}

function PurposeText({ purpose, language, words }: { purpose: Purpose; language: string; words: Words }) {
  return (
    <li>
      <p lang={language}><strong>{purpose.statement_text}</strong></p>
      <dl class="facts">
        <div><dt>{words.basis}</dt><dd>{words[purpose.legal_basis]}</dd></div>
        <div><dt>{words.data}</dt><dd lang={language}>{purpose.data_categories.join(', ')}</dd></div>
        <div><dt>{words.recipients}</dt><dd lang={language}>{purpose.recipients.join(', ')}</dd></div>
        <div><dt>{words.kept}</dt><dd lang={language}>{purpose.retention}</dd></div>
        {purpose.tags.length > 0 && <div><dt>{words.tags}</dt><dd>{purpose.tags.join(', ')}</dd></div>}
      </dl>
    </li>
  )
}
