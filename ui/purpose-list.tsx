// The list of purposes with a native checkbox each: the statement is the label, who and how long stand beneath.
// A box is ticked only where `isTicked` says so.
import type { ComponentChildren } from 'preact'
import type { Words } from './words.ts'

/** What the list shows of a purpose. */
export interface ListedPurpose {
  id: string
  statement_text: string
  recipients: readonly string[]
  retention: string
}

/** `words` needs `recipients` and `kept`. `idPrefix` keeps ids apart where several lists are on one page. */
export interface PurposeListProps<P extends ListedPurpose> {
  purposes: readonly P[]
  /** Language of the statements. */
  language: string
  words: Words
  idPrefix: string
  isTicked: (purpose: P) => boolean
  fieldFor: (purpose: P) => { name: string; value?: string }
  onToggle?: (purpose: P, isTicked: boolean) => void
  /** More facts, as `<div><dt/><dd/></div>`. */
  renderFacts?: (purpose: P) => ComponentChildren
  /** A line above the facts. */
  renderNote?: (purpose: P) => ComponentChildren
}

/** The id of a purpose's checkbox. */
export function checkboxId(idPrefix: string, purposeId: string): string {
  return `${idPrefix}-${purposeId}`
}

/** One checkbox a purpose. */
export function PurposeList<P extends ListedPurpose>(props: PurposeListProps<P>) {
  const { purposes, language, words, idPrefix, isTicked, fieldFor, onToggle, renderFacts, renderNote } = props
  return (
    <ul class="purposes" role="list">
      {purposes.map((purpose) => {
        const id = checkboxId(idPrefix, purpose.id)
        return (
          <li class="purpose" key={purpose.id}>
            <label class="purpose-label" for={id}>
              <input type="checkbox" id={id} {...fieldFor(purpose)} checked={isTicked(purpose)} aria-describedby={`${id}-about`}
                onChange={onToggle && ((event) => onToggle(purpose, event.currentTarget.checked))} />
              <span lang={language}>{purpose.statement_text}</span>
            </label>
            <div class="purpose-about" id={`${id}-about`}>
              {renderNote?.(purpose)}
              <dl class="facts">
                <div><dt>{words.recipients}</dt><dd lang={language}>{purpose.recipients.join(', ')}</dd></div>
                <div><dt>{words.kept}</dt><dd lang={language}>{purpose.retention}</dd></div>
                {renderFacts?.(purpose)}
              </dl>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
