// The checking page as the service sends it: a form that the script brings to life, and the command line for those
// who have none. The form has no action, and the page's policy allows no form to be sent: a file cannot leave.
import { createTranslate } from '../ui/i18n.ts'
import { LanguageSwitch, Page } from './Page.tsx'
import type { VerifyPage } from './proof-model.ts'

const COMMAND = 'sayso verify FILE --key VKEY'

/** The page; the script looks for the ids in it. */
export function VerifyDocument({ model }: { model: VerifyPage }) {
  const t = createTranslate(model.language)
  return (
    <Page frame={model} heading={t('verify.heading')} sheets={['proof']} script="verify">
      <h1>{t('verify.heading')}</h1>
      <p class="lead">{t('verify.intro')}</p>

      <form id="check" class="field" novalidate hidden data-language={model.language}>
        <label for="file">{t('verify.file')}</label>
        <p class="hint" id="file-hint">{t('verify.file_hint')}</p>
        <p class="error" id="file-error" hidden></p>
        <input type="file" id="file" accept=".json,.ndjson,application/json,application/x-ndjson" aria-describedby="file-hint file-error" />

        <label for="paste">{t('verify.paste')}</label>
        <p class="hint" id="paste-hint">{t('verify.paste_hint')}</p>
        <textarea id="paste" rows={4} spellcheck={false} autocomplete="off" aria-describedby="paste-hint"></textarea>

        <label for="key">{t('verify.key')}</label>
        <p class="hint" id="key-hint">{t('verify.key_hint')}</p>
        <p class="error" id="key-error" hidden></p>
        <textarea id="key" rows={3} spellcheck={false} autocomplete="off" aria-describedby="key-hint key-error"></textarea>
        <div class="weaker">
          <button type="button" class="secondary" id="use-key" aria-describedby="use-key-warning">{t('verify.use_key')}</button>
          <p class="hint" id="use-key-warning">{t('verify.use_key_warning')}</p>
        </div>
        <button class="primary" id="submit">{t('verify.submit')}</button>
      </form>

      <p id="status" role="status" class="lead"></p>
      <div id="result"></div>

      <noscript>
        <section aria-labelledby="no-script">
          <h2 id="no-script">{t('verify.no_script_heading')}</h2>
          <p>{t('verify.no_script')}</p>
        </section>
      </noscript>
      <section aria-labelledby="command">
        <h2 id="command">{t('verify.command_heading')}</h2>
        <pre class="command" tabIndex={0}><code>{COMMAND}</code></pre>
      </section>
      <LanguageSwitch frame={model} />
    </Page>
  )
}
