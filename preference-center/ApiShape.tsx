// Shapes of values on the page about the interface: members with their kind, limits and meaning, as deep as they go.
import { Fragment } from 'preact'
import type { ApiBody, ApiMember, ApiShape } from './api-model.ts'

/** A text in which `code` stands between backticks. */
export function Text({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : <Fragment key={i}>{part}</Fragment>))}</>
}

/** Bodies by media type. */
export function Bodies({ bodies }: { bodies: readonly ApiBody[] }) {
  return (
    <>
      {bodies.map(({ types, shape, isByLine }) => (
        <div key={types.join()} class="body">
          <p>{types.map((type, i) => <Fragment key={type}>{i > 0 && ' or '}<code>{type}</code></Fragment>)}{shape && (isByLine ? ': each line' : ':')}</p>
          {shape && <Shape shape={shape} />}
        </div>
      ))}
    </>
  )
}

/** Members of an object, or parameters; `note` stands beside the name. */
export function Members({ members }: { members: readonly (ApiMember & { note?: string })[] }) {
  return (
    <ul class="members" role="list">
      {members.map(({ name, note, isRequired, shape }) => (
        <li key={`${note ?? ''} ${name}`}>
          <p class="kind"><code>{name}</code> <Kind shape={shape} /> <span class="note">{note === undefined ? '' : `${note}, `}{isRequired ? 'required' : 'optional'}</span></p>
          <Made shape={shape} />
        </li>
      ))}
    </ul>
  )
}

const isSimple = ({ members, parts }: ApiShape) => members.length === 0 && parts.length === 0

/** A list whose entries are said in a word needs no place for them. */
function findEntry({ kind, parts: [only, ...more] }: ApiShape): ApiShape | undefined {
  return kind === 'list' && only && more.length === 0 && isSimple(only) ? only : undefined
}

function Word({ shape: { kind, isNamed, isNullable, values } }: { shape: ApiShape }) {
  return (
    <>
      {isNamed ? <a href={`#shape-${kind}`}>{kind}</a> : values.length === 1 ? null : kind}
      {values.map((value, i) => <Fragment key={value}>{i > 0 && ','} <code>{value}</code></Fragment>)}
      {isNullable && ', or null'}
    </>
  )
}

/** What kind of value it is, and what it has to keep to. */
function Kind({ shape }: { shape: ApiShape }) {
  const entry = findEntry(shape)
  return (
    <>
      <Word shape={shape} />{entry && <> of <Word shape={entry} /></>}
      {[...shape.limits, ...(entry?.limits ?? [])].map((limit) => <Fragment key={limit}>, {limit}</Fragment>)}
    </>
  )
}

/** What it means, and what it is made of. */
function Made({ shape }: { shape: ApiShape }) {
  const { text, members, parts } = shape
  return (
    <>
      {text !== null && <p><Text text={text} /></p>}
      {members.length > 0 && <Members members={members} />}
      {parts.length > 0 && !findEntry(shape) && (
        <ul class="parts" role="list">
          {parts.map((part, i) => <li key={i}><Shape shape={part} /></li>)}
        </ul>
      )}
    </>
  )
}

/** One shape, as deep as it goes. */
export function Shape({ shape }: { shape: ApiShape }) {
  return <><p class="kind"><Kind shape={shape} /></p><Made shape={shape} /></>
}
