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
    <dl class="members">
      {members.map(({ name, note, isRequired, shape }) => (
        <div key={`${note ?? ''} ${name}`}>
          <dt><code>{name}</code>{note !== undefined && <span class="note">{note}</span>}<span class="note">{isRequired ? 'required' : 'optional'}</span></dt>
          <dd><Shape shape={shape} /></dd>
        </div>
      ))}
    </dl>
  )
}

function Kind({ shape: { kind, isNamed, isNullable, values } }: { shape: ApiShape }) {
  return (
    <>
      {isNamed ? <a href={`#shape-${kind}`}>{kind}</a> : values.length === 1 ? null : kind}
      {values.map((value, i) => <Fragment key={value}>{i > 0 && ','} <code>{value}</code></Fragment>)}
      {isNullable && ', or null'}
    </>
  )
}

const isSimple = ({ members, parts }: ApiShape) => members.length === 0 && parts.length === 0

/** One shape, and what it is made of. */
export function Shape({ shape }: { shape: ApiShape }) {
  const { kind, limits, text, members, parts } = shape
  const [only] = parts
  const isShortList = kind === 'list' && parts.length === 1 && isSimple(only!)
  return (
    <>
      <p class="kind">
        <Kind shape={shape} />{isShortList && <> of <Kind shape={only!} /></>}
        {[...limits, ...(isShortList ? only!.limits : [])].map((limit) => <Fragment key={limit}>, {limit}</Fragment>)}
      </p>
      {text !== null && <p><Text text={text} /></p>}
      {members.length > 0 && <Members members={members} />}
      {parts.length > 0 && !isShortList && (
        <ul class="parts" role="list">
          {parts.map((part, i) => <li key={i}><Shape shape={part} /></li>)}
        </ul>
      )}
    </>
  )
}
