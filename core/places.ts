// Rules by place. Everywhere people are asked first; a site may say that in some places the law lets a purpose run until
// somebody objects. A place that is not known is one where people are asked.
import * as v from 'valibot'
import { Notice } from './notice.ts'
import { PurposeId } from './purpose.ts'

const Place = v.pipe(v.string('A text is expected.'), v.regex(/^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/, 'A place is a country (ISO 3166-1, “GB”) or a part of one (ISO 3166-2, “US-CA”).'))
const Header = v.pipe(v.string('A text is expected.'), v.regex(/^[a-z0-9-]{1,60}$/, 'A header name in lower case is expected, for example “cf-ipcountry”.'))

/** Rules for some places. */
export const Places = v.strictObject({
  /** Who knows the place: request headers that a CDN sets (joined with “-”: country and subdivision), or `?region=` in the tag's address. */
  told_by: v.union([
    v.literal('address'),
    v.pipe(v.array(Header, 'A list of headers is expected.'), v.minLength(1, 'At least one header is needed.'), v.maxLength(3, 'More than 3 headers.')),
  ], 'The place is told by “address” (?region= after widget.js) or by a list of request headers.'),
  rules: v.pipe(v.array(v.strictObject({
    places: v.pipe(v.array(Place, 'A list of places is expected.'), v.minLength(1, 'At least one place is needed.'), v.maxLength(300, 'More than 300 places.')),
    /** Purposes that run there until somebody objects. */
    until_objection: v.pipe(v.array(PurposeId, 'A list of purpose ids is expected.'), v.minLength(1, 'At least one purpose is needed.'), v.maxLength(50, 'More than 50 purposes.')),
    /** Device notices for there, in place of the site's own: “Your Privacy Choices”, “Do Not Sell or Share My Personal Information”. */
    notices: v.optional(v.pipe(v.array(Notice, 'A list of notices is expected.'), v.minLength(1, 'At least one notice is needed.'), v.maxLength(200, 'More than 200 notices.'))),
  }), 'A list of rules is expected.'), v.maxLength(50, 'More than 50 rules.')),
})
export type Places = v.InferOutput<typeof Places>
export type PlaceRule = Places['rules'][number]

/** The rule for a place, the one for its part of the country before the one for the country; undefined where people are asked. */
export function findRule(places: Places | undefined, place: string): PlaceRule | undefined {
  const wanted = place.toUpperCase()
  const rules = places?.rules ?? []
  return rules.find((rule) => rule.places.includes(wanted)) ?? rules.find((rule) => rule.places.includes(wanted.split('-')[0]!))
}
