// The service itself: whether it is well, its own pages, this document.
import * as v from 'valibot'
import { PROBLEM_TYPE } from '../../core/protocol.ts'
import { Problem } from '../answers/problem.ts'
import { ACCEPT, ACCEPT_LANGUAGE, type Answer, IF_NONE_MATCH, JSON_TYPE, LANG, type Operation, PAGE, TEXT, UNCHANGED } from './terms.ts'

const words = (text: string): Answer[] => [{ status: 200, text, content: { 'text/plain': TEXT }, headers: ['Cache-Control'] }]

/** Operations of the service itself. */
export const SERVICE_OPERATIONS: readonly Operation[] = [
  { method: 'get', path: '/healthz', id: 'isUp', tag: 'Service', summary: 'Whether it is up', answers: words('It is.') },
  { method: 'get', path: '/readyz', id: 'isReady', tag: 'Service', summary: 'Whether it can work', text: 'Where it cannot, the problem names which part is missing.', answers: words('It can.') },
  { method: 'get', path: '/metrics', id: 'getMetrics', tag: 'Service', summary: 'How much it has done', text: 'Prometheus’s text format. Names no person.', answers: words('The figures.') },
  {
    method: 'get', path: '/verify', id: 'showVerify', tag: 'Service', summary: 'The page that checks a receipt or an export in the browser', text: 'Nothing is sent.', parameters: [LANG, ACCEPT_LANGUAGE],
    answers: [{ status: 200, text: 'The page.', content: PAGE, headers: ['Cache-Control', 'Vary'] }],
  },
  {
    method: 'get', path: '/problems/:code', id: 'showProblem', tag: 'Service', summary: 'What a type of problem means', text: 'Where the `type` of a problem document leads.', parameters: [LANG, ACCEPT],
    answers: [{ status: 200, text: 'What it means and what to do.', content: { [PROBLEM_TYPE]: Problem, ...PAGE } }], problems: ['not_found'],
  },
  {
    method: 'get', path: '/openapi.json', id: 'getOpenApi', tag: 'Service', summary: 'This document', text: 'OpenAPI 3.1, made from the schemas that check the input.', parameters: [IF_NONE_MATCH],
    answers: [{ status: 200, text: 'The document.', content: { [JSON_TYPE]: v.looseObject({ openapi: v.string(), paths: v.looseObject({}) }) }, headers: ['ETag', 'Cache-Control', 'Access-Control-Allow-Origin'] }, UNCHANGED],
  },
  {
    method: 'get', path: '/openapi', id: 'showOpenApi', tag: 'Service', summary: 'This document as a page', parameters: [IF_NONE_MATCH],
    answers: [{ status: 200, text: 'The page, in English.', content: PAGE, headers: ['ETag', 'Cache-Control'] }, UNCHANGED],
  },
]
