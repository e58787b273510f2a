// A site: one controller's installation, as the file that `sayso site publish` reads.
import * as v from 'valibot'
import { Appearance, checkAppearance } from './appearance.ts'
import { SiteId } from './event.ts'
import { Notice } from './notice.ts'
import { Places, type PlaceRule } from './places.ts'
import { isOptional } from './asked.ts'
import { Line, PurposeId, type Scope } from './purpose.ts'
import { refuse } from './refusal.ts'
import { hashJson } from './hash.ts'
import { listServices, Services } from './services.ts'
import { listSignalPurposes, Signals } from './signals.ts'
import { validate } from './validate.ts'

const Origin = v.pipe(v.string('A text is expected.'), v.check(
  (value) => /^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).origin === value,
  'Not an origin, for example https://shop.example, without a path or a slash at the end.'))

/** A site file. */
export const Site = v.strictObject({
  site: SiteId,
  /** The site's name for people. */
  name: Line,
  /** Where the tag may stand; events from elsewhere are refused. The first one is the site's main origin. */
  origins: v.pipe(v.array(Origin, 'A list of origins is expected.'), v.minLength(1, 'At least one origin is needed.'), v.maxLength(100, 'More than 100 origins.')),
  default_language: v.string('A text is expected.'),
  /** Device purposes under which data is sold or shared (CCPA § 1798.140): off for a browser that sends Global Privacy Control. */
  sale_or_sharing: v.optional(v.pipe(v.array(PurposeId, 'A list of purpose ids is expected.'), v.maxLength(50, 'More than 50 purposes.'))),
  appearance: v.optional(Appearance),
  /** Where the law lets some purposes run until somebody objects. */
  places: v.optional(Places),
  /** Outside services, and under which purpose each stands. */
  services: v.optional(Services),
  /** `reload`: a page reloads when something that ran on it is withdrawn, for tags that cannot be stopped otherwise. */
  on_withdrawal: v.optional(v.picklist(['reload'], 'The one thing a page can do is “reload”.')),
  /** Where mails that unsubscribe go: `name@host`, to which a part after a plus is added. For a mail server that hands them to the service. */
  unsubscribe_address: v.optional(v.pipe(v.string('A text is expected.'), v.regex(/^[a-z0-9._-]{1,18}@[a-z0-9.-]{1,200}$/, 'Not an address such as unsubscribe@mail.example, with at most 18 of a-z, 0-9, ., _ and - before the @.'))),
  /** Outside protocols that are told of every decision. */
  signals: v.optional(Signals),
  /** The notices in force: at most one for each language and scope. */
  notices: v.pipe(v.array(Notice, 'A list of notices is expected.'), v.minLength(1, 'At least one notice is needed.'), v.maxLength(200, 'More than 200 notices.')),
})
export type Site = v.InferOutput<typeof Site>

type Noticed = Pick<Site, 'notices' | 'default_language'>

/** Reads a site file; throws a Refusal that names every field at fault. */
export function parseSite(value: unknown): Site {
  const site = validate(Site, value)
  checkNotices(site, '')
  for (const [i, id] of (site.sale_or_sharing ?? []).entries()) checkAsked(site, id, `/sale_or_sharing/${i}`)
  for (const { pointer, id } of listSignalPurposes(site.signals ?? {})) checkAsked(site, id, `/signals${pointer}`)
  if (site.services) for (const [i, { purpose }] of listServices(site.services, '/services').entries()) checkAsked(site, purpose, `/services/list/${i}/purpose`)
  if (site.appearance) checkAppearance(site.appearance, site.origins, '/appearance')
  for (const [i, rule] of (site.places?.rules ?? []).entries()) {
    const there = siteUnder(site, rule)
    if (rule.notices) checkNotices({ ...there, notices: rule.notices }, `/places/rules/${i}`)
    for (const [n, id] of rule.until_objection.entries()) checkAsked(there, id, `/places/rules/${i}/until_objection/${n}`)
  }
  return site
}

/** The site where a rule for a place holds. */
export function siteUnder(site: Site, { notices }: PlaceRule): Site {
  if (!notices) return site
  const kept = site.notices.filter((notice) => !scopesOf(notice).includes('device'))
  const hasDefault = notices.some(({ language }) => language === site.default_language)
  return { ...site, default_language: hasDefault ? site.default_language : notices[0]!.language, notices: [...notices, ...kept] }
}

/** Every notice that people may be shown, those for some places included. */
export function listNotices(site: Site): Notice[] {
  return [...site.notices, ...(site.places?.rules ?? []).flatMap(({ notices }) => notices ?? [])]
}

function checkNotices(site: Noticed, pointer: string): void {
  const seen = new Map<string, number>()
  const idsByScope = new Map<Scope, string>()
  for (const [i, notice] of site.notices.entries()) {
    for (const scope of scopesOf(notice)) {
      const slot = `${notice.language} ${scope}`
      if (seen.has(slot)) refuse(`${pointer}/notices/${i}`, 'duplicate_notice', `Notice ${seen.get(slot)} speaks of the scope ${scope} in “${notice.language}” already.`)
      seen.set(slot, i)
      // In one order and on one basis in every language: a remembered choice is a letter for each purpose, in that order.
      const ids = notice.purposes.filter((purpose) => purpose.scope === scope).map((purpose) => isOptional(purpose) ? purpose.id : `${purpose.id} (not asked)`).join(', ')
      const known = idsByScope.get(scope) ?? ids
      if (ids !== known) refuse(`${pointer}/notices/${i}/purposes`, 'translation', `The ${scope} purposes are ${ids}; another language has ${known}.`)
      idsByScope.set(scope, known)
    }
  }
  for (const scope of idsByScope.keys()) {
    if (!seen.has(`${site.default_language} ${scope}`)) refuse(`${pointer}/default_language`, 'default_language', `There is no notice of the scope ${scope} in “${site.default_language}”.`)
  }
}

/** Languages that the site's notices are in, its default first. */
export function listLanguages(site: Noticed): string[] {
  return [...new Set([site.default_language, ...site.notices.map((notice) => notice.language)])]
}

/** Device purposes that people are asked about, in the notice's order. */
export function listAskedIds(site: Noticed): string[] {
  const notice = findNotice(site, 'device', [])
  return (notice?.purposes ?? []).filter((purpose) => purpose.scope === 'device' && isOptional(purpose)).map(({ id }) => id)
}

/** Requires that the visitors of the site are asked about this purpose; `pointer` is where its id stands. Throws a Refusal. */
export function checkAsked(site: Noticed, id: string, pointer: string): void {
  const asked = listAskedIds(site)
  if (!asked.includes(id)) refuse(pointer, 'unknown_purpose', `No device notice asks about “${id}”; they ask about ${asked.join(', ') || 'nothing'}.`)
}

/** The scopes that a notice speaks of. */
export function scopesOf(notice: Notice): Scope[] {
  return (['device', 'contact'] as const).filter((scope) => notice.purposes.some((purpose) => purpose.scope === scope))
}

/** The site's notice for a scope in the first of these languages that it has, else in its default language. */
export function findNotice(site: Noticed, scope: Scope, languages: readonly string[]): Notice | undefined {
  const wanted = [...languages, ...languages.map((language) => language.split('-')[0]!), site.default_language]
  for (const language of wanted) {
    const notice = site.notices.find((candidate) => candidate.language === language && scopesOf(candidate).includes(scope))
    if (notice) return notice
  }
  return undefined
}

/**
 * What a remembered choice was about: 11 characters that change when a device purpose or one of its recipients
 * does, and stay when only words or languages do. A visitor is asked again when it differs.
 */
export function computeChoiceKey(site: Site): string {
  const notice = findNotice(site, 'device', [])
  const purposes = (notice?.purposes ?? []).filter((purpose) => purpose.scope === 'device')
  return hashJson(purposes.map(({ id, legal_basis, recipients }) => ({ id, legal_basis, recipients }))).slice(0, 11)
}
