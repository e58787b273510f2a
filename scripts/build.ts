// Builds every face into dist/ with the one vite.config.ts, a mode each; `npm run build` runs this file.
import { chmodSync, existsSync, globSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build } from 'vite'

/** The builds that make up a release, in order; each is a mode of vite.config.ts and needs its entry. */
export const builds = [
  { mode: 'widget', entry: 'widget/loader.ts' },
  { mode: 'widget-parts', entry: 'widget/loader.ts' },
  { mode: 'page', entry: 'preference-center/preference-center.css' },
  { mode: 'server', entry: 'server/main.ts' },
] as const

const sources = ['core', 'ui', 'widget', 'preference-center', 'server', 'demo', 'package-lock.json', 'vite.config.ts']
const lastOutput = 'dist/server/main.js'

/** Whether any source is newer than the last build, or there is none. */
export function isBuildDue(root: string): boolean {
  const output = join(root, lastOutput)
  if (!existsSync(output)) return true
  return sources.some((source) => newestMtimeMs(join(root, source)) > statSync(output).mtimeMs)
}

/** The time of the youngest file or folder below `path`, in ms since the epoch; 0 when there is nothing. */
export function newestMtimeMs(path: string): number {
  if (!existsSync(path)) return 0
  const entry = statSync(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newestMtimeMs(join(path, name))))
}

/** What only some sites bake into widget.js: a file each, without imports at run time. */
function listExtras(root: string): string[] {
  return globSync('widget/{extras,signals}/*.{ts,tsx}', { cwd: root }).filter((path) => basename(path) !== 'gpc.ts').sort()
}

async function buildExtras(root: string): Promise<void> {
  rmSync(join(root, 'dist/widget/extras'), { recursive: true, force: true })
  for (const path of listExtras(root)) {
    const rolldownOptions = { input: join(root, path), output: { entryFileNames: `${basename(path, '.ts')}.js` } }
    await build({ root, mode: 'widget-extra', configFile: join(root, 'vite.config.ts'), logLevel: 'warn', build: { rolldownOptions } })
  }
}

/** Makes every build, each emptying its own folder first; throws at the first that fails. */
export async function buildAll(root: string): Promise<void> {
  for (const { mode, entry } of builds) {
    if (!existsSync(join(root, entry))) {
      console.log(`No ${entry} yet: the build of ${mode} is left out.`)
      continue
    }
    await build({ root, mode, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
    if (mode === 'widget') await buildExtras(root)
  }
  // It is run by its own name, through a link, where npm does not install it: in the image.
  if (existsSync(join(root, lastOutput))) chmodSync(join(root, lastOutput), 0o755)
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname)
  await buildAll(root)
}
