// Which outside protocols a site's widget speaks to, and which purpose stands for what there. What no purpose stands for
// is denied there, always.
import * as v from 'valibot'
import { PurposeId } from './purpose.ts'
import { GOOGLE_TYPES, SHOPIFY_USES, WORDPRESS_CATEGORIES } from './signal-names.ts'

/** `necessary`: granted from the start, because the site needs it and does not ask. */
const Meaning = v.union([v.literal('necessary'), PurposeId], 'A purpose id is expected, or “necessary”.')
const meanings = <const Names extends readonly string[]>(names: Names) =>
  v.strictObject(Object.fromEntries(names.map((name) => [name, v.optional(Meaning)])) as { [Name in Names[number]]: v.OptionalSchema<typeof Meaning, undefined> })
const Flag = v.optional(v.boolean('True or false is expected.'))

/** A site's signals; a protocol that is left out hears nothing. */
export const Signals = v.strictObject({
  google: v.optional(v.strictObject({
    types: meanings(GOOGLE_TYPES),
    ads_data_redaction: Flag,
    url_passthrough: Flag,
    /** How long Google's tags wait for an update, where they are loaded before a choice (advanced mode): 1 to 5000 ms. */
    wait_for_update: v.optional(v.pipe(v.number('A number is expected.'), v.safeInteger('A whole number is expected.'), v.minValue(1, 'At least 1 ms.'), v.maxValue(5000, 'At most 5000 ms.'))),
  })),
  /** Microsoft Advertising (UET) and Clarity, consent v2. */
  microsoft: v.optional(meanings(['ad_storage', 'analytics_storage'])),
  /** Meta pixel: the purpose that lets it run. */
  meta: v.optional(PurposeId),
  /** TikTok pixel: the purpose that lets it run. */
  tiktok: v.optional(PurposeId),
  wordpress: v.optional(meanings(WORDPRESS_CATEGORIES)),
  shopify: v.optional(meanings(SHOPIFY_USES)),
  /** Any other: `queue.push({event, consent: {purpose id: boolean}})` on a global array, as tag managers have them. */
  generic: v.optional(v.strictObject({
    queue: v.pipe(v.string('A text is expected.'), v.regex(/^[A-Za-z_$][\w$]{0,59}$/, 'Not the name of a global variable.')),
    event: v.pipe(v.string('A text is expected.'), v.regex(/^[\w.:-]{1,60}$/, 'An event name is 1 to 60 of A-Z, a-z, 0-9, “.”, “:”, “_” and “-”.')),
  })),
})
export type Signals = v.InferOutput<typeof Signals>

/** What stands for what in one protocol. */
export type Meanings = Readonly<Record<string, string | undefined>>

/** The purposes that signals name, each with the JSON pointer of where. */
export function listSignalPurposes(signals: Signals): { pointer: string; id: string }[] {
  const { google, microsoft, meta, tiktok, wordpress, shopify } = signals
  const groups: [string, Meanings | undefined][] = [
    ['/google/types', google?.types], ['/microsoft', microsoft], ['', { meta, tiktok }], ['/wordpress', wordpress], ['/shopify', shopify],
  ]
  return groups.flatMap(([group, named]) => Object.entries(named ?? {}).flatMap(([name, id]) =>
    id === undefined || id === 'necessary' ? [] : { pointer: `${group}/${name}`, id }))
}
