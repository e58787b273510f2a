// Installs what package-lock.json asks for, only when it is not there yet, and finds the pinned Node.
// Runs on a bare clone under any Node from 20.19: plain JavaScript, nothing but Node's own modules.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether node_modules lacks anything of package-lock.json. `installed` is npm's own account of the
 * folder, node_modules/.package-lock.json, which npm writes last; null when there is none.
 * Optional packages may be missing: they belong to other platforms.
 */
export function isInstallDue(wanted, installed) {
  if (installed === null) return true
  return Object.entries(wanted.packages).some(([path, entry]) => {
    if (path === '') return false
    const present = installed.packages[path]
    if (present === undefined) return !entry.optional
    return present.version !== entry.version || present.integrity !== entry.integrity
  })
}

/** Runs `npm ci` in `folder` when something of its package-lock.json is missing; throws with one readable line when it fails. */
export function installPackages(folder) {
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  if (!isInstallDue(wanted, readInstalled(folder))) return
  console.log('Installing what package-lock.json asks for (npm ci) …')
  // npm warns of packages that want a newer Node than the one at hand; they will run under the pinned one.
  const { status } = runNpm(folder, ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (status !== 0) throw new Error('npm ci failed: see its output above.')
}

/** Installs what is missing in `root`, and makes sure that the pinned Node runs. */
export function install(root) {
  installPackages(root)
  const node = pinnedNode(root)
  if (spawnSync(node, ['--version']).status !== 0) {
    throw new Error(`The pinned Node does not run (${node}): remove node_modules and allow npm's install scripts.`)
  }
}

/** The Node that package.json pins as a dependency, whatever Node started this. */
export function pinnedNode(root) {
  const inBin = join(root, 'node_modules', '.bin', 'node')
  return process.platform === 'win32' ? join(root, 'node_modules', 'node', 'bin', 'node.exe') : inBin
}

/** The environment in which `node` means the pinned one and the project's tools are found by name. */
export function pinnedEnvironment(root, environment) {
  const bin = join(root, 'node_modules', '.bin')
  return { ...environment, PATH: [bin, environment.PATH].filter(Boolean).join(delimiter) }
}

function readInstalled(root) {
  const path = join(root, 'node_modules', '.package-lock.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
}

function runNpm(root, args) {
  const options = { cwd: root, stdio: 'inherit' }
  const npm = process.env.npm_execpath
  if (npm?.endsWith('npm-cli.js')) return spawnSync(process.execPath, [npm, ...args], options)
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}
