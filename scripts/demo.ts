// Builds what changed since the last build, then serves the demo: service, shop and mailbox.
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { buildAll, isBuildDue } from './build.ts'

const root = dirname(import.meta.dirname)

if (isBuildDue(root)) await buildAll(root)

const service = spawn(process.execPath, ['dist/server/main.js', 'demo', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// A terminal sends Ctrl+C to both: this process only waits, because the service takes a second one as “at once”.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => service.kill('SIGTERM'))
service.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
