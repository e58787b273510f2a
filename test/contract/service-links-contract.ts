import type { OpenStage } from './service-stage.ts'
export function describeLinks(_openStage: OpenStage): void {}
