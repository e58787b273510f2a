// Words for those who do not render themselves: the service and, through its configuration, the widget.
import { LABELS, type Notice } from '../core/notice.ts'
import type { FirstLayer } from '../core/protocol.ts'
import { formatDuration } from '../ui/duration.ts'
import { createTranslate } from '../ui/i18n.ts'
import { directionOf, findLanguage, languages, pickLanguage } from '../ui/languages.ts'
import { locales } from '../ui/locales.ts'
import { writeFirstLayer } from '../ui/first-layer.ts'
import type { Words } from '../ui/words.ts'

/** Languages that pages and mails exist in, the one to fall back on first. */
export const pageLanguages: readonly string[] = languages

/** The language of pages that comes closest to a BCP 47 tag. */
export const pickPageLanguage: (tag: string) => string = pickLanguage

/** Whether a language is written from right to left. */
export const isRightToLeft = (tag: string): boolean => directionOf(tag) === 'rtl'

/** Buttons whose press is recorded; the form sends the id as `action_id`, the event keeps the label. */
export const ACTIONS = ['save', 'confirm', 'undo', 'undo_now', 'unsubscribe_all', 'one_click'] as const
export type ActionId = (typeof ACTIONS)[number]

/** Whether what a form sent names a button of ours. */
export function isActionId(text: unknown): text is ActionId {
  return ACTIONS.some((action) => action === text)
}

/** The label of a button, as the person saw it. */
export function actionLabel(language: string, actionId: ActionId): string {
  return createTranslate(language)(`actions.${actionId}`)
}

/** Finished strings for the words around a notice; placeholders are for ui/words.ts to fill in. */
export function widgetWords(language: string): Record<string, string> {
  const { widget, notice } = locales[pickLanguage(language)]
  return { ...notice, ...widget } satisfies Words
}

/** Words for what runs until somebody objects. */
export function objectionWords(language: string): { object: string; runs: string } {
  const words = locales[pickLanguage(language)].widget_parts
  return { object: words.object, runs: words.runs_until_objection }
}

/** What the banner shows of a notice, in finished strings: every visitor downloads them. */
export function writeBanner(notice: Notice, noticeHash: string): FirstLayer {
  return writeFirstLayer(notice, noticeHash, locales[pickLanguage(notice.language)].widget, formatDuration(notice.validity_duration, notice.language))
}

/**
 * Labels for what a notice leaves out. Empty for a language that ui/locales lacks: a French notice must not get
 * English buttons, so it has to bring its own.
 */
export function defaultLabels(language: string): Notice['labels'] {
  const found = findLanguage(language)
  return found === undefined ? {} : Object.fromEntries(LABELS.map((name) => [name, locales[found].labels[name]]))
}
