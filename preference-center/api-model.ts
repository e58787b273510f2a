// What the page about the service's interface shows: every operation, and the shapes of what goes in and out. Plain data.
import type { Frame } from './model.ts'

/** The shape of a value: what kind it is, and what it is made of. */
export interface ApiShape {
  /** In words: `text`, `whole number`, `list`, `one of`, or the name of a shape that has a place of its own. */
  kind: string
  /** Whether `kind` is such a name. */
  isNamed: boolean
  isNullable: boolean
  /** `at most 40`, `a-z only`: what a value has to keep to. */
  limits: string[]
  /** Values that it may be, as they are written. */
  values: string[]
  text: string | null
  members: ApiMember[]
  /** Of a list: each entry. Of a choice: each alternative. Of a fixed list: each place. */
  parts: ApiShape[]
}

/** A member of an object, or a field of a form. */
export interface ApiMember {
  name: string
  isRequired: boolean
  shape: ApiShape
}

/** A body of one media type, or several of the same shape. */
export interface ApiBody {
  types: string[]
  /** null: nothing is to be said of it. */
  shape: ApiShape | null
  /** Whether it is one such value a line. */
  isByLine: boolean
}

/** A parameter of a request. */
export interface ApiParameter extends ApiMember {
  place: 'path' | 'query' | 'header'
}

/** A problem, with the page about it. */
export interface ApiProblem {
  code: string
  title: string
  href: string
}

/** An answer. */
export interface ApiAnswer {
  status: string
  /** null where it only has problems. */
  text: string | null
  headers: string[]
  bodies: ApiBody[]
  problems: ApiProblem[]
}

/** One operation. */
export interface ApiOperation {
  id: string
  method: string
  path: string
  summary: string
  text: string | null
  /** What a token has to be for; null where none is needed. */
  scope: string | null
  parameters: ApiParameter[]
  body: { text: string | null; bodies: ApiBody[] } | null
  answers: ApiAnswer[]
}

/** Operations that belong together. */
export interface ApiGroup {
  id: string
  name: string
  text: string
  operations: ApiOperation[]
}

/** The page. */
export interface ApiPage extends Frame {
  title: string
  intro: string
  documentHref: string
  token: string
  groups: ApiGroup[]
  /** What every operation may answer besides. */
  shared: ApiAnswer[]
  shapes: { name: string; shape: ApiShape }[]
}
