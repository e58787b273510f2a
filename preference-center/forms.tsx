// Parts that the pages' forms share: hidden fields, the summary of errors, and the form that asks for a new link.
import { createTranslate, isKey } from '../ui/i18n.ts'
import type { FormSecrets, Frame } from './model.ts'
import type { ActionId } from './wording.ts'

/** What every form of the preference centre carries. */
export function HiddenFields({ secrets, language }: { secrets: FormSecrets; language: string }) {
  return (
    <>
      <input type="hidden" name="csrf" value={secrets.csrf} />
      {secrets.handle !== null && <input type="hidden" name="h" value={secrets.handle} />}
      <input type="hidden" name="lang" value={language} />
    </>
  )
}

/** A button whose press is recorded. */
export function ActionButton({ language, actionId, isPrimary = false }: { language: string; actionId: ActionId; isPrimary?: boolean }) {
  const t = createTranslate(language)
  return <button class={isPrimary ? 'primary' : 'secondary'} name="action_id" value={actionId}>{t(`actions.${actionId}`)}</button>
}

/** The sentence for an error that the service reports. */
export function describeError(language: string, key: string): string {
  const t = createTranslate(language)
  const path = `errors.${key}`
  return isKey(path) ? t(path) : t('errors.other')
}

/** What went wrong, first on the page and in focus, each with a link to the field at fault. */
export function ErrorSummary({ language, errors }: { language: string; errors: readonly { key: string; target: string }[] }) {
  if (errors.length === 0) return null
  const t = createTranslate(language)
  return (
    <div class="panel errors" role="alert" tabIndex={-1} autofocus data-focus>
      <h2>{t('page.problem_heading')}</h2>
      <ul role="list">
        {errors.map(({ key, target }) => <li key={key}><a href={`#${target}`}>{describeError(language, key)}</a></li>)}
      </ul>
    </div>
  )
}

/** Asks for an address and posts it. */
export function NewLinkForm({ frame, action, csrf, isMalformed = false }: { frame: Frame; action: string; csrf: string | null; isMalformed?: boolean }) {
  const t = createTranslate(frame.language)
  return (
    <form method="post" action={action} class={isMalformed ? 'field at-fault' : 'field'} novalidate>
      {csrf !== null && <input type="hidden" name="csrf" value={csrf} />}
      <input type="hidden" name="lang" value={frame.language} />
      <label for="email">{t('new_link.email')}</label>
      <p class="hint" id="email-hint">{t('new_link.email_hint')}</p>
      {isMalformed && <p class="error" id="email-error">{t('errors.email')}</p>}
      <input type="email" id="email" name="email" autocomplete="email" spellcheck={false}
        aria-describedby={isMalformed ? 'email-hint email-error' : 'email-hint'} aria-invalid={isMalformed || undefined} />
      <button class="primary">{t('new_link.send')}</button>
    </form>
  )
}
