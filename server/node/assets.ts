// Reads what the builds made: the loader, the widget's later parts, and the pages' script and style sheet. What is
// not built is missing, and the service starts all the same.
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { AssetFile, Assets } from '../service.ts'
import { hashText } from '../../core/hash.ts'

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
}
const NO_LOADER = '/* The widget is not built: run npm run build. */ void __SAYSO_CONFIG__'

async function readFolder(folder: string): Promise<Map<string, AssetFile>> {
  const files = new Map<string, AssetFile>()
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (type) files.set(name, { body: new Uint8Array(await readFile(join(folder, name))), type })
  }
  return files
}

async function readManifest(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => '{}')
  return JSON.parse(text) as Record<string, string>
}

/** Extras by name. */
async function readExtras(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => extname(name) === '.js').sort()
  return new Map(await Promise.all(names.map(async (name) => [basename(name, '.js'), (await readFile(join(folder, name), 'utf8')).trim()] as const)))
}

/** The files below `dist`. */
export async function readAssets(dist: string): Promise<Assets> {
  const [widget, page] = [join(dist, 'widget'), join(dist, 'page')]
  const [parts, pageFiles, entries, pageEntries] = await Promise.all([readFolder(widget), readFolder(page), readManifest(widget), readManifest(page)])
  const loader = await readFile(join(widget, 'loader.js'), 'utf8').catch(() => NO_LOADER)
  parts.delete('loader.js')
  const extras = await readExtras(join(widget, 'extras'))
  const files = new Map([...parts, ...pageFiles])
  // Pages ask for these by fixed names.
  for (const [name, entry] of [
    ['preference-center.js', 'preference-center'], ['preference-center.css', 'preference-center.css'], ['verify.js', 'verify'], ['proof.css', 'proof.css'], ['mail-previews.css', 'mail-previews.css'], ['api.css', 'api.css'],
  ] as const) {
    const file = pageFiles.get(pageEntries[entry] ?? '')
    if (file) files.set(name, file)
  }
  const rest = entries['rest'] ?? 'rest.js'
  const build = hashText([loader, rest, ...extras.values()].join('')).slice(0, 11)
  return { loader, build, rest, extras, files }
}
