// The part of the store contract that is about builds of the widget.
import { describe, expect, test } from 'vitest'
import type { Store } from '../../server/store.ts'

/** Describes builds in the store that `current` gives, a new and empty one for each test. */
export function describeBuilds(current: () => Store): void {
  describe('builds of the widget', () => {
    const build = { build: 'b1', format: 1, loader: 'start(__SAYSO_CONFIG__)', rest: 'rest.aaaaaaaa.js' }
    const file = { name: 'rest.aaaaaaaa.js', type: 'text/javascript', body: 'export const ünïcode = 1' }

    test('come back as they were kept, and so do their files', async () => {
      await current().keepBuild(build, [file])
      expect(await current().findBuild('b1')).toEqual(build)
      expect(await current().findBuildFile(file.name)).toEqual(file)
      expect(await current().findBuild('b2')).toBeUndefined()
      expect(await current().findBuildFile('other.js')).toBeUndefined()
    })

    test('stay what they were, whatever is kept later', async () => {
      await current().keepBuild(build, [file])
      await current().keepBuild({ ...build, loader: 'another' }, [{ ...file, body: 'another' }])
      await current().keepBuild({ ...build, build: 'b2' }, [file])
      expect(await current().findBuild('b1')).toEqual(build)
      expect(await current().findBuildFile(file.name)).toEqual(file)
      expect(await current().findBuild('b2')).toMatchObject({ build: 'b2' })
    })
  })
}
