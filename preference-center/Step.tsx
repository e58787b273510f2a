// What needs more than a link: a code from the person's own inbox, then downloading, changing the address, or erasing.
// One step a page; each is a form that works without JavaScript.
import type { ComponentChildren } from 'preact'
import { createTranslate, type Key } from '../ui/i18n.ts'
import { ErrorSummary, HiddenFields } from './forms.tsx'
import type { StepPage } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'

const DONE: Record<'address' | 'erase', { heading: Key; text: Key }> = {
  address: { heading: 'address_page.done_heading', text: 'address_page.done' },
  erase: { heading: 'erase_page.done_heading', text: 'erase_page.done' },
}

/** One step. */
export function Step({ model }: { model: StepPage }) {
  const { language, action, step, email, error, siteName: site } = model
  const t = createTranslate(language)
  const isDone = step === 'done' && action !== 'export'
  const heading = isDone ? t(DONE[action].heading) : step === 'restore' ? t('address_page.restore_heading') : t(`own_data.${action}`)
  return (
    <Page frame={model} heading={heading} hasErrors={error !== null}>
      <ErrorSummary language={language} errors={error === null ? [] : [{ key: error.key, target: error.field }]} />
      {isDone ? (
        <div class="panel saved" role="alert" tabIndex={-1} autofocus data-focus>
          <h1>{heading}</h1>
          <p>{t(DONE[action].text, { email, site })}</p>
        </div>
      ) : <><h1>{heading}</h1><Body model={model} /></>}
      {model.backHref !== null && <p><a href={model.backHref}>{t('code.back')}</a></p>}
      <LanguageSwitch frame={model} />
    </Page>
  )
}

function Body({ model }: { model: StepPage }) {
  const { language, action, step, email } = model
  const t = createTranslate(language)
  switch (step) {
    case 'send':
      return <StepForm model={model} what="send" button={t('code.send')}><p class="lead">{t('code.intro', { email })}</p></StepForm>
    case 'enter':
    case 'enter_new':
      return (
        <>
          <StepForm model={model} what={step} button={t('code.submit')}>
            <p class="lead">{t('code.sent', { email })}</p>
            <Field model={model} name="code" label={t('code.label')} hint={t('code.hint')} input={{ inputmode: 'numeric', autocomplete: 'one-time-code', maxLength: 12 }} />
          </StepForm>
          {step === 'enter' && <StepForm model={model} what="send" button={t('code.again')} isQuiet />}
        </>
      )
    case 'restore':
      return <StepForm model={model} what="restore" button={t('address_page.restore_submit', { email: model.earlierEmail ?? '' })}><p class="lead">{t('address_page.restore', { email })}</p></StepForm>
    default:
      return <Act model={model} action={action} />
  }
}

function Act({ model, action }: { model: StepPage; action: StepPage['action'] }) {
  const t = createTranslate(model.language)
  if (action === 'export') return <StepForm model={model} what="act" button={t('export_page.submit')} isPlain><p class="lead">{t('export_page.intro')}</p></StepForm>
  if (action === 'address') {
    return (
      <StepForm model={model} what="act" button={t('address_page.submit')}>
        <p class="lead">{t('address_page.intro')}</p>
        <Field model={model} name="email" label={t('address_page.label')} input={{ type: 'email', autocomplete: 'email', spellcheck: false, value: model.typedEmail ?? '' }} />
      </StepForm>
    )
  }
  const isAtFault = model.error?.field === 'confirm'
  return (
    <StepForm model={model} what="act" button={t('erase_page.submit')}>
      <p class="lead">{t('erase_page.intro')}</p>
      <p>{t('erase_page.kept')}</p>
      <div class={isAtFault ? 'tick at-fault' : 'tick'}>
        {isAtFault && <p class="error" id="confirm-error">{t('errors.erase_confirm')}</p>}
        <input type="checkbox" id="confirm" name="confirm" value="yes" aria-describedby={isAtFault ? 'confirm-error' : undefined} aria-invalid={isAtFault || undefined} />
        <label for="confirm">{t('erase_page.confirm')}</label>
      </div>
    </StepForm>
  )
}

function StepForm({ model, what, button, isQuiet = false, isPlain = false, children }: {
  model: StepPage; what: string; button: string; isQuiet?: boolean; isPlain?: boolean; children?: ComponentChildren
}) {
  return (
    // A file is no page: the browser itself sends that form.
    <form method="post" action={model.formAction} class="field" novalidate data-plain={isPlain || undefined}>
      <HiddenFields secrets={model} language={model.language} />
      {children}
      <button class={isQuiet ? 'secondary' : 'primary'} name="do" value={what}>{button}</button>
    </form>
  )
}

function Field({ model: { language, error }, name, label, hint, input }: {
  model: StepPage; name: string; label: string; hint?: string; input: Record<string, string | number | boolean>
}) {
  const t = createTranslate(language)
  const key = error?.field === name ? error.key : null
  const described = [...(hint === undefined ? [] : [`${name}-hint`]), ...(key === null ? [] : [`${name}-error`])]
  return (
    <div class={key === null ? undefined : 'at-fault'}>
      <label for={name}>{label}</label>
      {hint !== undefined && <p class="hint" id={`${name}-hint`}>{hint}</p>}
      {key !== null && <p class="error" id={`${name}-error`}>{t(`errors.${key}`)}</p>}
      <input id={name} name={name} {...input} aria-describedby={described.length > 0 ? described.join(' ') : undefined} aria-invalid={key !== null || undefined} />
    </div>
  )
}
