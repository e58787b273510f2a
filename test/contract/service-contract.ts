// What every caller of the service may rely on, whatever carries the request: in process, through the mock, over
// HTTP. The table of contents; each part of the service has its own file.
import { describe } from 'vitest'
import { describeAsking } from './service-asking-contract.ts'
import { describeErasing } from './service-erasing-contract.ts'
import { describeEvents } from './service-events-contract.ts'
import { describeLinks } from './service-links-contract.ts'
import { describeOthers } from './service-other-contract.ts'
import { describePublic } from './service-public-contract.ts'
import { describePreferences } from './service-preference-contract.ts'
import { describeSigning } from './service-signing-contract.ts'
import { describeContacts } from './service-contacts-contract.ts'
import { describeMailApi } from './service-mail-contract.ts'
import { describeSteps } from './service-step-contract.ts'
import { describeTime } from './service-time-contract.ts'
import type { OpenStage } from './service-stage.ts'

/** Runs the whole contract over one transport. */
export function describeService(name: string, openStage: OpenStage): void {
  describe(`the service ${name}`, () => {
    describe('events', () => describeEvents(openStage))
    describe('widget, notices and log', () => describePublic(openStage))
    describe('links', () => describeLinks(openStage))
    describe('asking for a link', () => describeAsking(openStage))
    describe('erasing', () => describeErasing(openStage))
    describe('the preference centre', () => describePreferences(openStage))
    describe('signing in the preference centre', () => describeSigning(openStage))
    describe('what needs a code', () => describeSteps(openStage))
    describe('contacts', () => describeContacts(openStage))
    describe('mails', () => describeMailApi(openStage))
    describe('time', () => describeTime(openStage))
    describe('everything else', () => describeOthers(openStage))
  })
}
