// The service called directly, as it runs in a browser tab.
import { describeService } from '../contract/service-contract.ts'
import { openStage } from '../contract/service-stage.ts'

describeService('in process', (options) => openStage({ connect: (app) => ({ send: (request) => app.fetch(request, { ip: '192.0.2.1' }) }) }, options))
