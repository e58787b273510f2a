// The service called directly, as it runs in a browser tab. Every request and every answer is held against its OpenAPI document.
import { expect, test } from 'vitest'
import { type AnswerCheck, createAnswerCheck } from '../contract/answer-check.ts'
import { describeService } from '../contract/service-contract.ts'
import { openStage } from '../contract/service-stage.ts'
import type { OpenApiDocument } from '../../server/openapi/document.ts'

let answers: AnswerCheck | undefined

describeService('in process', (options) => openStage({
  connect: async (app) => {
    // The same for every stage.
    answers ??= createAnswerCheck(await (await app.fetch(new Request('https://consent.example/openapi.json'))).json() as OpenApiDocument)
    return { send: answers.around((request) => app.fetch(request, { ip: '192.0.2.1' })) }
  },
}, options))

test('every operation of the document was asked for, and gave every answer 2xx and 3xx that it lists', () => {
  expect(answers!.listUnseen()).toEqual([])
})
