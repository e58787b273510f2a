// `source.build` of an event: the widget's build, and where a form was filled in also which boxes it showed, in the
// notice's order, for an event names only those that were ticked:
//
//   k3Jx9_bQ2aZ#newsletter+offers
import * as v from 'valibot'
import { PurposeId } from './purpose.ts'

/** 100 characters of a build's name, `#`, and 50 ids of 40 characters with `+` between them. */
export const BUILD_LIMIT = 100 + 1 + 50 * 41 - 1

/** A build as an event names it; `shown` are the ids of the form's boxes, null where the event does not say. */
export interface NamedBuild {
  build: string
  shown: string[] | null
}

/** The text for `source.build`. */
export function formatBuild({ build, shown }: NamedBuild): string {
  return shown === null || shown.length === 0 ? build : `${build}#${shown.join('+')}`
}

/** Reads it again. What stands after the `#` and is no list of ids is part of the build's name. */
export function parseBuild(text: string): NamedBuild {
  const at = text.lastIndexOf('#')
  const shown = at < 0 ? [] : text.slice(at + 1).split('+')
  return shown.length > 0 && shown.every((id) => v.safeParse(PurposeId, id).success) ? { build: text.slice(0, at), shown } : { build: text, shown: null }
}
