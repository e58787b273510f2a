// The service's interface as a page: what can be asked, what goes in, what comes back. For people who write programs, in
// English like the document it is made from; it needs no script.
import { Fragment } from 'preact'
import type { ApiAnswer, ApiGroup, ApiOperation, ApiPage, ApiProblem } from './api-model.ts'
import { Bodies, Members, Shape, Text } from './ApiShape.tsx'
import { Page } from './Page.tsx'

/** The page. */
export function ApiDocument({ model }: { model: ApiPage }) {
  return (
    <Page frame={model} heading={model.title} sheets={['proof', 'api']} script={null}>
      <h1>{model.title}</h1>
      <p class="lead"><Text text={model.intro} /></p>
      <p class="links"><a href={model.documentHref}>OpenAPI 3.1 document (JSON)</a></p>
      <Contents model={model} />
      <section aria-labelledby="tokens">
        <h2 id="tokens">Tokens</h2>
        <p><Text text={model.token} /></p>
      </section>
      {model.groups.map((group) => <Group key={group.id} group={group} />)}
      <section aria-labelledby="any-time">
        <h2 id="any-time">What any operation may answer</h2>
        <Answers answers={model.shared} />
      </section>
      <section aria-labelledby="shapes">
        <h2 id="shapes">Shapes</h2>
        {model.shapes.map(({ name, shape }) => (
          <section key={name} class="operation" aria-labelledby={`shape-${name}`}>
            <h3 id={`shape-${name}`}>{name}</h3>
            <Shape shape={shape} />
          </section>
        ))}
      </section>
    </Page>
  )
}

function Contents({ model: { groups, shapes } }: { model: ApiPage }) {
  return (
    <nav class="contents" aria-labelledby="contents">
      <h2 id="contents">Contents</h2>
      <ul role="list">
        {groups.map(({ id, name, operations }) => (
          <li key={id}>
            <a href={`#${id}`}>{name}</a>
            <ul role="list">
              {operations.map((operation) => <li key={operation.id}><a href={`#${operation.id}`}>{operation.summary}</a></li>)}
            </ul>
          </li>
        ))}
        <li><a href="#any-time">What any operation may answer</a></li>
        <li>
          <a href="#shapes">Shapes</a>
          <ul role="list" class="names">{shapes.map(({ name }) => <li key={name}><a href={`#shape-${name}`}>{name}</a></li>)}</ul>
        </li>
      </ul>
    </nav>
  )
}

function Group({ group: { id, name, text, operations } }: { group: ApiGroup }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      <p><Text text={text} /></p>
      {operations.map((operation) => <Operation key={operation.id} operation={operation} />)}
    </section>
  )
}

/** The path with places where a line may break. */
function Path({ path }: { path: string }) {
  return <code>{path.split('/').slice(1).map((part) => <Fragment key={part}><wbr />/{part}</Fragment>)}</code>
}

function Operation({ operation: { id, method, path, summary, text, scope, parameters, body, answers } }: { operation: ApiOperation }) {
  return (
    <section class="operation" aria-labelledby={id}>
      <h3 id={id}>{summary}</h3>
      <p class="request"><span class="method">{method}</span> <Path path={path} /></p>
      {text !== null && <p><Text text={text} /></p>}
      {scope !== null && <p>Needs a token for <code>{scope}</code>.</p>}
      {parameters.length > 0 && (
        <>
          <h4>Parameters</h4>
          <Members members={parameters.map((parameter) => ({ ...parameter, note: parameter.place }))} />
        </>
      )}
      {body && (
        <>
          <h4>Body</h4>
          {body.text !== null && <p><Text text={body.text} /></p>}
          <Bodies bodies={body.bodies} />
        </>
      )}
      <h4>Answers</h4>
      <Answers answers={answers} />
    </section>
  )
}

function Answers({ answers }: { answers: readonly ApiAnswer[] }) {
  return (
    <dl class="answers">
      {answers.map(({ status, text, headers, bodies, problems }) => (
        <div key={status}>
          <dt>{status}</dt>
          <dd>
            {text !== null && <p><Text text={text} /></p>}
            {headers.length > 0 && <p class="hint">Headers: {headers.join(', ')}</p>}
            <Bodies bodies={bodies} />
            {problems.length > 0 && <Problems problems={problems} />}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Problems({ problems }: { problems: readonly ApiProblem[] }) {
  return (
    <ul class="plain">
      {problems.map(({ code, title, href }) => <li key={code}><a href={href}>{title}</a> <code>{code}</code></li>)}
    </ul>
  )
}
