// Whatever core can find has a sentence of its own in every language: codes are read from core's own sources.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeFinding, findingKey, SCHEMA_CODES } from '../../preference-center/finding.ts'
import { createTranslate } from '../../ui/i18n.ts'
import { languages } from '../../ui/languages.ts'
import { locales } from '../../ui/locales.ts'

const core = join(import.meta.dirname, '../../core')
// What only a site file can have wrong is said to the operator, in English, and never to who checks a receipt.
const OF_SITE_FILES = ['appearance.ts', 'places.ts', 'services.ts', 'signals.ts']
const sources = readdirSync(core).filter((name) => name.endsWith('.ts') && !OF_SITE_FILES.includes(name)).map((name) => readFileSync(join(core, name), 'utf8')).join('\n')

const matchAll = (pattern: RegExp) => [...new Set([...sources.matchAll(pattern)].map(([, code]) => code!))].sort()

// refuse(pointer, 'code', …), audit.find('code', …), remarks.add('code', …), { pointer, code: 'code', … }
const codes = [...new Set([
  ...matchAll(/\brefuse\(\s*(?:'[^']*'|`[^`]*`|[\w.]+),\s*'(\w+)'/g),
  ...matchAll(/\.(?:find|remark)\(\s*'(\w+)'/g),
  ...matchAll(/\b(?:findings|remarks)\.add\(\s*'(\w+)'/g),
  ...matchAll(/\bcode: '(\w+)'/g),
])].sort()

test('the codes are found in the sources', () => {
  expect(codes.length).toBeGreaterThan(55)
  expect(codes).toEqual(expect.arrayContaining(['root', 'fork', 'signature', 'unknown_member', 'checkpoint_key']))
})

describe.each(languages)('in %s', (language) => {
  test.each(codes)('“%s” has a sentence', (code) => {
    expect(findingKey(code)).toBe(`findings.${SCHEMA_CODES.has(code) ? 'schema' : code}`)
    expect(describeFinding(createTranslate(language), code)).toMatch(/^[\p{Lu}\p{Lo}\p{N}].{6,}[.。]$/u)
  })

  test('no two codes share a sentence, so each says what is different about it', () => {
    const sentences = Object.values(locales[language].findings)
    expect(new Set(sentences).size).toBe(sentences.length)
  })
})

test('every rule of a schema that core uses is one that the schema’s sentence serves', () => {
  const rules = matchAll(/\bv\.([a-z]\w+)\(/g).map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
  const codeless = ['pipe', 'omit', 'safe_parse', 'optional', 'nullable', 'unknown']
  expect(rules.filter((rule) => !codeless.includes(rule) && !SCHEMA_CODES.has(rule))).toEqual([])
})

test('a code that nobody knows yet still gets a sentence', () => {
  expect(findingKey('brand_new')).toBe('findings.unknown')
})
