import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ACTIONS } from '../../preference-center/wording.ts'
import { CHANNELS, Decision } from '../../core/event.ts'
import { LABELS } from '../../core/notice.ts'
import { Purpose } from '../../core/purpose.ts'
import { createTranslate } from '../../ui/i18n.ts'
import { languages } from '../../ui/languages.ts'
import { locales } from '../../ui/locales.ts'

type Tree = { [name: string]: string | string[] | Tree }

// Looked up by what a notice or an event says.
const LEGAL_BASES: readonly string[] = Purpose.entries.legal_basis.options
const STATES: readonly string[] = Decision.entries.event_state.options
const ROOT = join(import.meta.dirname, '../..')

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([name, value]): [string, string][] => {
    const key = prefix + name
    if (typeof value === 'string') return [[key, value]]
    return Array.isArray(value) ? [[key, value.join('\n')]] : [...flatten(value, `${key}.`)]
  }))
}

const words = Object.fromEntries(languages.map((language) => [language, flatten(locales[language] as Tree)]))
const english = [...words.en!.keys()]
const PLURAL = /_(zero|one|two|few|many|other)$/
const stemOf = (key: string) => key.replace(PLURAL, '')
const isPlural = (key: string) => PLURAL.test(key) && words.en!.has(`${stemOf(key)}_other`)
const placeholdersOf = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!).sort()

const sources = globSync('{ui,widget,preference-center,server}/**/*.{ts,tsx}', { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n')

/** Whether some source asks for a key: by its whole name, by a template that it fits, or as a word that a part was given. */
function isUsed(key: string): boolean {
  const stem = stemOf(key)
  if (new RegExp(`['"\`]${stem.replaceAll('.', '\\.')}['"\`]`).test(sources)) return true
  const [section, name] = [stem.slice(0, stem.indexOf('.')), stem.slice(stem.indexOf('.') + 1)]
  if (section === 'labels') return LABELS.some((label) => label === name)
  // The words of the widget and the notice are handed over as one record.
  if (['widget', 'widget_parts', 'notice'].includes(section)) return [...LEGAL_BASES, ...STATES].includes(name) || new RegExp(`\\bwords!?\\.${name}\\b`).test(sources)
  return listTemplates().some((pattern) => pattern.test(stem))
}

let templates: RegExp[] | undefined
function listTemplates(): RegExp[] {
  templates ??= [...sources.matchAll(/`([a-z_]+\.[\w.]*\$\{[^`]*)`/g)].map(([, template]) =>
    new RegExp(`^${template!.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+')}$`))
  return templates
}

describe.each(languages.filter((language) => language !== 'en'))('%s', (language) => {
  it('has every key of English and no other, and the plural forms of its own', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
    const expected = english.flatMap((key) => isPlural(key) ? pluralCategories.map((category) => `${stemOf(key)}_${category}`) : key)
    expect([...words[language]!.keys()].sort()).toEqual([...new Set(expected)].sort())
  })

  it('has the placeholders of English in every text', () => {
    for (const [key, text] of words[language]!) {
      const wanted = placeholdersOf(words.en!.get(isPlural(key) ? `${stemOf(key)}_other` : key)!)
      const found = placeholdersOf(text)
      // “One day”, “two days”: a form for few numbers may say them in words.
      if (/_(zero|one|two)$/.test(key)) expect.soft(wanted, key).toEqual(expect.arrayContaining(found))
      else expect.soft(found, key).toEqual(wanted)
    }
  })

  it('is translated: no text of more than two words is English', () => {
    const same = english.filter((key) => words.en!.get(key) === words[language]!.get(key) && words.en!.get(key)!.replace(/\{\{\w+\}\}/g, '').trim().split(/\s+/).length > 2)
    expect(same).toEqual([])
  })
})

describe('every key', () => {
  it('is used by some source', () => {
    expect(english.filter((key) => !isUsed(key))).toEqual([])
  })

  it('would be reported if nobody used it', () => {
    expect(isUsed('page.nobody_asks_for_this')).toBe(false)
    expect(isUsed('widget.nobody_asks_for_this')).toBe(false)
  })

  it('has a text that is not empty and holds no markup', () => {
    for (const language of languages) for (const [key, text] of words[language]!) expect.soft(text, `${language} ${key}`).toMatch(/^[^<>]+$/)
  })
})

describe('every key that is put together at run time exists', () => {
  it.each([
    ['labels', LABELS], ['actions', ACTIONS], ['channel', CHANNELS], ['attestation', ['device', 'ephemeral', 'server']],
    ['preference', ['heading_manage', 'heading_confirm', 'heading_undo', 'intro_manage', 'intro_confirm', 'intro_undo']],
  ] as const)('%s', (section, names) => {
    for (const language of languages) {
      for (const name of names) expect.soft(words[language]!.has(`${section}.${name}`), `${language} ${section}.${name}`).toBe(true)
    }
  })
})

describe('plurals', () => {
  it('follow the number', () => {
    const t = createTranslate('en')
    expect(t('history.intro', { count: 1 })).not.toBe(t('history.intro', { count: 2 }))
    expect(createTranslate('de')('history.intro', { count: 2 })).toContain('2')
  })
})
