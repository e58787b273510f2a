// All locales at once, for whoever has to speak every language: the service and the mails.
import { addLocale, type Locale } from './i18n.ts'
import { type Language, languages } from './languages.ts'
import ar from './locales/ar.json' with { type: 'json' }
import bg from './locales/bg.json' with { type: 'json' }
import cs from './locales/cs.json' with { type: 'json' }
import da from './locales/da.json' with { type: 'json' }
import de from './locales/de.json' with { type: 'json' }
import el from './locales/el.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }
import es from './locales/es.json' with { type: 'json' }
import et from './locales/et.json' with { type: 'json' }
import fi from './locales/fi.json' with { type: 'json' }
import fr from './locales/fr.json' with { type: 'json' }
import ga from './locales/ga.json' with { type: 'json' }
import he from './locales/he.json' with { type: 'json' }
import hr from './locales/hr.json' with { type: 'json' }
import hu from './locales/hu.json' with { type: 'json' }
import is from './locales/is.json' with { type: 'json' }
import it from './locales/it.json' with { type: 'json' }
import ja from './locales/ja.json' with { type: 'json' }
import lt from './locales/lt.json' with { type: 'json' }
import lv from './locales/lv.json' with { type: 'json' }
import mt from './locales/mt.json' with { type: 'json' }
import nb from './locales/nb.json' with { type: 'json' }
import nl from './locales/nl.json' with { type: 'json' }
import pl from './locales/pl.json' with { type: 'json' }
import pt from './locales/pt.json' with { type: 'json' }
import ro from './locales/ro.json' with { type: 'json' }
import sk from './locales/sk.json' with { type: 'json' }
import sl from './locales/sl.json' with { type: 'json' }
import sv from './locales/sv.json' with { type: 'json' }
import tr from './locales/tr.json' with { type: 'json' }
import uk from './locales/uk.json' with { type: 'json' }

/** Sections in which a number stands; their plural forms are the language's own. */
type Counted = 'history' | 'verify' | 'compare'

/** The locales by language. */
export const locales: Readonly<Record<Language, Omit<Locale, Counted> & Record<Counted, object>>> = {
  ar, bg, cs, da, de, el, en, es, et, fi, fr, ga, he, hr, hu, is, it, ja, lt, lv,
  mt, nb, nl, pl, pt, ro, sk, sl, sv, tr, uk,
}

for (const language of languages) addLocale(language, locales[language])
