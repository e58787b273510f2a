// What stands inside the site's form: a checkbox for each purpose, none ticked, and who asks and what happens then.
import type { Signal } from '@preact/signals'
import type { Notice } from '../../core/notice.ts'
import { NoticeText } from '../../ui/notice-text.tsx'
import { PurposeList } from '../../ui/purpose-list.tsx'
import type { Words } from '../../ui/words.ts'

/** `ticked` holds the purposes whose box is ticked. */
export interface OptInBlockProps {
  notice: Notice
  purposes: Notice['purposes']
  noticeUrl: string
  words: Words
  ticked: Signal<ReadonlySet<string>>
}

/** The opt-in block. */
export function OptInBlock({ notice, purposes, noticeUrl, words, ticked }: OptInBlockProps) {
  function toggle(id: string, isTicked: boolean): void {
    const others = [...ticked.value].filter((other) => other !== id)
    ticked.value = new Set(isTicked ? [...others, id] : others)
  }

  return (
    <div lang={notice.language}>
      <fieldset>
        <legend>{notice.labels.opt_in_intro}</legend>
        <PurposeList purposes={purposes} language={notice.language} words={words} idPrefix="opt-in"
          isTicked={({ id }) => ticked.value.has(id)} fieldFor={({ id }) => ({ name: id })}
          onToggle={({ id }, isTicked) => toggle(id, isTicked)} />
      </fieldset>
      <div class="opt-in-notice">
        <p>{words.who}: {notice.controller.name}, {notice.controller.address}. {notice.withdrawal}</p>
        <details>
          <summary>{words.opt_in_notice}</summary>
          <NoticeText notice={notice} words={words} level={4} />
        </details>
        <a href={noticeUrl} target="_blank" rel="noopener" title={words.opens_in_new_tab}>{notice.labels.full_notice}</a>
      </div>
    </div>
  )
}
