// Goes on under the pinned Node: installs if need be, then runs one TypeScript script of this folder there.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, pinnedEnvironment, pinnedNode } from './install.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Installs, then runs scripts/`name` with this process's arguments and ends with its exit code. */
export function continueWith(name) {
  try {
    install(root)
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  const child = spawn(pinnedNode(root), [join(root, 'scripts', name), ...process.argv.slice(2)], {
    cwd: root,
    env: pinnedEnvironment(root, process.env),
    stdio: 'inherit',
  })
  // A terminal sends Ctrl+C to both: this process only waits, because a second one would cut the other's work short.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
