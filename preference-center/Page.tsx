// The document around every page: language, title, style sheet and enhancement, and the ways to another language.
// Nothing inline: the pages run under a policy that allows no style or script but the service's own files.
import type { ComponentChildren } from 'preact'
import { createTranslate } from '../ui/i18n.ts'
import { directionOf, pickLanguage } from '../ui/languages.ts'
import type { Frame } from './model.ts'

/**
 * `heading` goes into the title; `hasErrors` puts “Error:” before it. `sheets` are style sheets beside the common one;
 * `script` is another than the common enhancement, null for none; `isWide` gives room for two columns.
 */
export interface PageProps {
  frame: Frame
  heading: string
  hasErrors?: boolean
  sheets?: readonly string[]
  script?: string | null
  isWide?: boolean
  footer?: ComponentChildren
  children: ComponentChildren
}

/** A complete document. */
export function Page({ frame, heading, hasErrors = false, sheets = [], script = 'preference-center', isWide = false, footer, children }: PageProps) {
  const t = createTranslate(frame.language)
  const column = isWide ? 'column wide' : 'column'
  const title = t('page.title', { heading, site: frame.siteName })
  return (
    <html lang={pickLanguage(frame.language)} dir={directionOf(frame.language)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>{hasErrors ? t('page.error_title', { title }) : title}</title>
        <link rel="stylesheet" href="/page/preference-center.css" />
        {sheets.map((name) => <link key={name} rel="stylesheet" href={`/page/${name}.css`} />)}
        {script !== null && <script type="module" src={`/page/${script}.js`}></script>}
      </head>
      <body>
        <header class="site"><p class={column}>{frame.siteName}</p></header>
        <main id="main" class={column}>{children}</main>
        {footer && <footer class="column">{footer}</footer>}
      </body>
    </html>
  )
}

/** More than these are folded away: nobody reads through thirty names to get to the page. */
const FEW_LANGUAGES = 6

/** Links to the same page in the other languages. */
export function LanguageSwitch({ frame }: { frame: Frame }) {
  const t = createTranslate(frame.language)
  const others = frame.languages.filter(({ language }) => language !== frame.language)
  if (others.length === 0) return null
  const list = (
    <ul role="list">
      {others.map(({ language, href }) => (
        <li key={language}><a href={href} lang={language} hreflang={language} dir={directionOf(language)}>{nameOf(language)}</a></li>
      ))}
    </ul>
  )
  return (
    <nav class="languages" aria-label={t('page.languages')}>
      {others.length > FEW_LANGUAGES ? <details><summary>{t('page.languages')}</summary>{list}</details> : list}
    </nav>
  )
}

function nameOf(language: string): string {
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
}
