// Keeps every build of the widget that was served, so that a banner can be drawn again with the very code that a
// person saw, and so that a page with an older widget.js still finds its later parts.
import { fromUtf8 } from '../core/bytes.ts'
import type { Assets, AssetFile, Log } from './service.ts'
import type { Store, StoredBuildFile } from './store.ts'

/** The shape of LoaderConfig and WidgetConfig. Raise it when either changes; older builds are then shown in words. */
export const CONFIG_FORMAT = 2

const HASHED_SCRIPT = /\.[\w-]{8,}\.js$/

/** A loader as a site has it, and the name of that build. */
export type SiteLoader = Pick<Assets, 'loader' | 'rest' | 'build'>

/** The builds that this service has or had. */
export interface BuildArchive {
  /** Keeps a loader with its rest; to be called before it is first served. Resolves in any case. */
  keep(loader: SiteLoader): Promise<void>
  /** The loader of a build, and its rest; undefined where it was never kept or takes another configuration. */
  find(build: string): Promise<Pick<Assets, 'loader' | 'rest'> | undefined>
  /** Keeps a script that is to stand under its address for good, and all that it will load. Throws where it could not be kept. */
  pin(loader: SiteLoader, file: { name: string; body: string }): Promise<void>
  /** A file of the current build or of an earlier one. */
  findFile(name: string): Promise<AssetFile | undefined>
}

const toText = (body: AssetFile['body']) => (typeof body === 'string' ? body : fromUtf8(body))

/** An archive over a store. */
export function createBuildArchive({ store, assets, log }: { store: Store; assets: Assets; log: Log }): BuildArchive {
  const kept = new Map<string, Promise<void>>()

  async function keepNow({ build, loader, rest }: SiteLoader, pinned: readonly StoredBuildFile[] = []): Promise<void> {
    const files = [...assets.files].flatMap(([name, { type, body }]) => {
      const text = HASHED_SCRIPT.test(name) ? toText(body) : undefined
      return text === undefined ? [] : [{ name, type, body: text }]
    })
    await store.keepBuild({ build, format: CONFIG_FORMAT, loader, rest }, [...files, ...pinned])
  }

  return {
    // A visitor is not kept waiting for evidence twice, and a store in trouble must not keep the banner away.
    keep(loader) {
      const { build } = loader
      const keeping = kept.get(build) ?? keepNow(loader).catch((error: unknown) => {
        kept.delete(build)
        log(`the build ${build} could not be kept: ${error instanceof Error ? error.name : 'unknown'}`)
      })
      kept.set(build, keeping)
      return keeping
    },

    async find(build) {
      if (build === assets.build) return assets
      const found = await store.findBuild(build)
      return found?.format === CONFIG_FORMAT ? found : undefined
    },

    pin: (loader, file) => keepNow(loader, [{ ...file, type: 'text/javascript; charset=utf-8' }]),

    async findFile(name) {
      const current = assets.files.get(name)
      if (current || !HASHED_SCRIPT.test(name)) return current
      return store.findBuildFile(name)
    },
  }
}
