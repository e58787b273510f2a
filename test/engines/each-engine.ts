// Runs a set of tests in each of the three engines. One that is missing is told loudly, and its tests count as skipped.
import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import { createStage, type Stage } from '../e2e/stage.ts'
import { startChromium, startWebKit } from './classic.ts'
import { ENGINES, explainMissing, findPrograms } from './find-engines.ts'
import { startFirefox } from './firefox.ts'
import { ShopVisit } from './shop-visit.ts'
import type { RunningEngine } from './tab.ts'

const START = { Chromium: startChromium, Firefox: startFirefox, WebKitGTK: startWebKit }

/** What a test gets: a fresh visitor of the shop, and the shop with its service. */
export interface Scene {
  shop: ShopVisit
  stage: Stage
}

/** Defines tests once for each engine; `scene` is filled before each of them. */
export function describeEachEngine(defineTests: (scene: Scene) => void): void {
  for (const name of ENGINES) {
    const programs = findPrograms(name, process.env)
    const missing = explainMissing(name, programs)
    if (missing) console.error(`\n${'!'.repeat(missing.length)}\n${missing}\n${'!'.repeat(missing.length)}\n`)
    describe.skipIf(missing !== undefined)(name, () => {
      let engine: RunningEngine | undefined
      const scene = {} as Scene

      beforeAll(async () => {
        scene.stage = await createStage()
        await scene.stage.start()
        engine = await START[name](programs)
        console.log(`${name} ${engine.version}`)
      })
      afterAll(async () => {
        await engine?.stop()
        await scene.stage.stop()
        rmSync(scene.stage.dataDir, { recursive: true, force: true })
      })
      beforeEach(async () => {
        scene.shop = new ShopVisit(await engine!.visit(), scene.stage)
      })
      afterEach(() => scene.shop.tab.close())

      defineTests(scene)
    })
  }
}
