// How a site wants its banner to look. There is no setting with which one button could be made to stand out.
import * as v from 'valibot'

/** A site's looks; everything may be left out. */
export const Appearance = v.strictObject({
  /** The small button that opens the choice again on pages without a link of their own; false turns it off. */
  reopen: v.optional(v.boolean('True or false is expected.')),
})
export type Appearance = v.InferOutput<typeof Appearance>
