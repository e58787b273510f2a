// The choices about cookies that this very browser sent along, kept apart from what a person gets by mail. Where the
// website is on another host nothing is sent along, and the page only says where they are.
import { createTranslate } from '../ui/i18n.ts'
import type { PreferencePage } from './model.ts'

/** Cookies on this device. */
export function DeviceChoices({ model: { language, siteName, device } }: { model: PreferencePage }) {
  const t = createTranslate(language)
  return (
    <section class="device" aria-labelledby="device">
      <h2 id="device">{t('device.heading')}</h2>
      {device.choices === null ? <p>{t('device.elsewhere')}</p> : (
        <>
          <p class="hint">{t('device.intro')}</p>
          <ul class="decisions" role="list">
            {device.choices.map(({ statement_text, isAllowed, language: spoken }) => (
              <li key={statement_text}>
                <span class={`state ${isAllowed ? 'given' : 'refused'}`}>{t(isAllowed ? 'device.allowed' : 'device.not_allowed')}</span>{' '}
                <q lang={spoken}>{statement_text}</q>
              </li>
            ))}
          </ul>
        </>
      )}
      <p><a href={device.href}>{t('device.change', { site: siteName })}</a></p>
    </section>
  )
}
