// What a person may ask for by law, and what they can do right here once a code from their inbox shows that it is them.
import type { Notice } from '../core/notice.ts'
import { createTranslate } from '../ui/i18n.ts'
import type { PreferencePage } from './model.ts'

const GDPR = ['see', 'correct', 'erase', 'restrict', 'object', 'move', 'automated'] as const
const CCPA = ['know', 'see', 'correct', 'erase', 'opt_out', 'limit', 'equal'] as const

/** How to complain: to the controller, then to the authority. */
export function Complaint({ notice, language }: { notice: Notice; language: string }) {
  const t = createTranslate(language)
  const { controller, complaint } = notice
  return (
    <section class="complaint" aria-labelledby="complaint">
      <h2 id="complaint">{t('page.complaint')}</h2>
      <p lang={notice.language}>{complaint.text}</p>
      <ul class="sentences">
        <li>{t('complaint.controller', { name: controller.name, contact: controller.contact })}</li>
        <li>{t('complaint.authority', { authority: complaint.authority })}</li>
      </ul>
    </section>
  )
}

/** The rights, with an address to write to. */
export function Rights({ notice, language }: { notice: Notice; language: string }) {
  const t = createTranslate(language)
  return (
    <section class="rights" aria-labelledby="rights">
      <h2 id="rights">{t('rights.heading')}</h2>
      <p>{t('rights.intro', { contact: notice.controller.contact })}</p>
      <h3>{t('rights.gdpr')}</h3>
      <ul class="sentences">{GDPR.map((right) => <li key={right}>{t(`rights.${right}`)}</li>)}</ul>
      <p class="hint">{t('rights.gdpr_answer')}</p>
      <h3>{t('rights.ccpa')}</h3>
      <ul class="sentences">{CCPA.map((right) => <li key={right}>{t(`rights.${right}`)}</li>)}</ul>
      <p class="hint">{t('rights.ccpa_answer')}</p>
    </section>
  )
}

/** Ways to what needs a code. */
export function OwnData({ model: { language, ownData } }: { model: PreferencePage }) {
  const t = createTranslate(language)
  return (
    <section class="own-data" aria-labelledby="own-data">
      <h2 id="own-data">{t('own_data.heading')}</h2>
      <p>{t('own_data.intro')}</p>
      <ul class="ways" role="list">
        {ownData.map(({ action, href }) => <li key={action}><a href={href}>{t(`own_data.${action}`)}</a></li>)}
      </ul>
    </section>
  )
}
