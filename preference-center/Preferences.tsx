// The preference centre: ending everything first, then each purpose with its box, then what happened, the notice
// and how to complain. `confirm` and `undo` are the same page with boxes that propose.
import { createTranslate, type Translate } from '../ui/i18n.ts'
import { formatDay } from '../ui/moment.ts'
import { NoticeText } from '../ui/notice-text.tsx'
import { checkboxId, PurposeList } from '../ui/purpose-list.tsx'
import { DeviceChoices } from './DeviceChoices.tsx'
import { ActionButton, ErrorSummary, HiddenFields } from './forms.tsx'
import { History } from './History.tsx'
import type { PreferencePage, PurposeChoice } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'
import { Complaint, OwnData, Rights } from './Rights.tsx'
import { widgetWords } from './wording.ts'

const BUTTONS = { manage: 'save', confirm: 'confirm', undo: 'undo', renew: 'confirm' } as const

function wordsOf({ mode, siteName: site }: PreferencePage, t: Translate): { heading: string; intro: string } {
  if (mode === 'renew') return { heading: t('mail.reask.heading'), intro: t('mail.reask.preheader') }
  return { heading: t(`preference.heading_${mode}`), intro: t(`preference.intro_${mode}`, { site }) }
}

/** The page behind a personal link. */
export function Preferences({ model }: { model: PreferencePage }) {
  const { language, mode, notice, purposes } = model
  const t = createTranslate(language)
  const words = widgetWords(language)
  const { heading, intro } = wordsOf(model, t)
  const firstBox = purposes[0] ? checkboxId('purpose', purposes[0].id) : 'choices'
  const errors = model.errors.map(({ key, field }) => ({ key, target: field === 'purpose' ? firstBox : 'choices' }))
  const footer = (
    <>
      <p>{t('page.responsible', { name: notice.controller.name, address: notice.controller.address })}</p>
      <p>{t('page.contact', { contact: notice.controller.contact })}</p>
    </>
  )
  return (
    <Page frame={model} heading={model.saved ? t('saved.title', { title: heading }) : heading} hasErrors={errors.length > 0} footer={footer}>
      <ErrorSummary language={language} errors={errors} />
      <SavedPanel model={model} t={t} />
      <h1>{heading}</h1>
      <p class="address">{t('preference.address', { email: model.maskedEmail })}</p>
      <p class="lead">{intro}</p>

      <form class="all" method="post" action={model.action}>
        <HiddenFields secrets={model} language={language} />
        <div>
          <h2>{t('preference.all_heading')}</h2>
          <p>{t('preference.all_text')}</p>
        </div>
        <ActionButton language={language} actionId="unsubscribe_all" />
      </form>

      <form id="choices" class="choices" method="post" action={model.action}>
        <HiddenFields secrets={model} language={language} />
        <fieldset aria-describedby="choices-hint">
          <legend><h2>{t('preference.choices')}</h2></legend>
          <p class="hint" id="choices-hint">{t('preference.choices_hint')}</p>
          <PurposeList purposes={purposes} language={notice.language} words={words} idPrefix="purpose"
            isTicked={(purpose) => purpose.isTicked}
            fieldFor={(purpose) => ({ name: 'purpose', value: purpose.id })}
            renderNote={(purpose) => <Standing purpose={purpose} language={language} t={t} />}
            renderFacts={(purpose) => (
              <div><dt>{t('preference.data')}</dt><dd lang={notice.language}>{purpose.data_categories.join(', ')}</dd></div>
            )} />
        </fieldset>
        <ActionButton language={language} actionId={BUTTONS[mode]} isPrimary />
      </form>

      <template data-signing={JSON.stringify(model.signing)}></template>
      <History entries={model.history} language={language} siteName={model.siteName} />
      <DeviceChoices model={model} />
      <LanguageSwitch frame={model} />

      <details class="notice">
        <summary>{t('page.notice')}</summary>
        <NoticeText notice={notice} words={words} level={3} />
        <p><a href={model.noticeHref}>{t('page.notice_alone')}</a></p>
      </details>

      <Complaint notice={notice} language={language} />
      <Rights notice={notice} language={language} />
      <OwnData model={model} />
    </Page>
  )
}

function SavedPanel({ model, t }: { model: PreferencePage; t: Translate }) {
  const { saved, notice } = model
  if (saved === null) return null
  return (
    <div class="panel saved" role="alert" tabIndex={-1} autofocus data-focus>
      <h2>{t('saved.heading')}</h2>
      {saved.decisions.length === 0 ? <p>{t('saved.unchanged')}</p> : (
        <>
          <ul class="decisions" role="list">
            {saved.decisions.map((decision) => (
              <li key={decision.purpose_id}>
                <span class={`state ${decision.event_state}`}>{t(`saved.${decision.event_state}`)}</span>{' '}
                <q lang={notice.language}>{decision.statement_text}</q>
              </li>
            ))}
          </ul>
          <p>{t('saved.effect')} {t('saved.mail')}</p>
          <form method="post" action={model.action}>
            <HiddenFields secrets={model} language={model.language} />
            {saved.grantedBefore.map((id) => <input key={id} type="hidden" name="again" value={id} />)}
            <ActionButton language={model.language} actionId="undo_now" />
          </form>
        </>
      )}
    </div>
  )
}

function Standing({ purpose: { state, since, until }, language, t }: { purpose: PurposeChoice; language: string; t: Translate }) {
  if (state === null || since === null) return <p class="standing">{t('preference.undecided')}</p>
  if (state === 'unconfirmed') return <p class="standing">{t('preference.unconfirmed')}</p>
  return (
    <p class="standing">
      {t(`preference.${state}`, { date: formatDay(since, language) })}
      {until !== null && <><br />{t('preference.until', { date: formatDay(until, language) })}</>}
    </p>
  )
}
