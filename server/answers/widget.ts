// What the widget is answered as JSON: its configuration, and the script under an address that never changes.
import * as v from 'valibot'
import { ConsentEvent } from '../../core/event.ts'
import type { FirstLayer as Layer, WidgetConfig as Config } from '../../core/protocol.ts'

const text = (description: string) => v.pipe(v.string(), v.description(description))

/** The banner in finished strings. */
export const FirstLayer = v.strictTuple([
  text('notice_hash'), text('Language'), text('Title'), text('Introduction'),
  v.pipe(v.array(v.strictTuple([text('purpose_id'), text('Statement'), text('Who gets the data, and for how long')])), v.description('One for each purpose that people are asked about')),
  v.pipe(v.array(v.string()), v.description('What is told besides')),
  text('Label: the full notice'), text('Label: choose'), text('Label: close'), text('Label: reject all'), text('Label: save'), text('Label: accept all'),
]) satisfies v.GenericSchema<Layer>

/** What the rest of the widget asks for when it is due. */
export const WidgetConfig = v.strictObject({
  site: v.string(),
  base: text('The service, without a slash at the end.'),
  build: text('The widget build: goes into `source.build` of an event.'),
  language: v.string(),
  choiceKey: text('Names the set of purposes in the cookie; people are asked again where it is another.'),
  layer: FirstLayer,
  rest: text('Address of the module that does everything that the loader does not.'),
  undecided: text('Where nobody has decided: a letter for each purpose, `-`, or `o` for one that runs until somebody objects.'),
  barred: text('`r` for each purpose that stays off in a browser that sends Global Privacy Control, else `-`; empty where that keeps nothing off.'),
  contactNoticeHash: v.nullable(text('notice_hash of the contact notice.')),
  anchor: ConsentEvent.entries.log_anchor,
}) satisfies v.GenericSchema<Config>

/** A script that a page may pin (Subresource Integrity). */
export const PinnedWidget = v.strictObject({
  src: text('An address that never changes.'),
  integrity: v.pipe(v.string(), v.regex(/^sha384-/), v.description('For the attribute `integrity`.')),
  language: v.string(),
})
export type PinnedWidget = v.InferOutput<typeof PinnedWidget>
