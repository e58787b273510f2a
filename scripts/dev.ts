// `npm run dev`: builds again whenever a source changes, and serves the demo anew after every build.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { buildAll, builds } from './build.ts'

const root = dirname(import.meta.dirname)
let demo: ChildProcess | undefined
let isRestartDue = false

await buildAll(root)
serve()
for (const { mode } of builds.filter((one) => existsSync(join(root, one.entry)))) {
  const watcher = await build({
    root,
    mode,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { watch: {}, emptyOutDir: false },
  })
  if (!('on' in watcher)) throw new Error(`The build of ${mode} does not watch.`)
  let builtOnce = false
  watcher.on('event', ({ code }) => {
    if (code !== 'END') return
    if (builtOnce) restart()
    builtOnce = true
  })
}

// A terminal sends Ctrl+C to the demo too, and its end is the end of this.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => demo?.kill('SIGTERM'))

function serve(): void {
  demo = spawn(process.execPath, ['dist/server/main.js', 'demo'], { cwd: root, stdio: 'inherit' })
  demo.on('exit', (code) => {
    if (!isRestartDue) process.exit(code ?? 1)
    isRestartDue = false
    serve()
  })
}

function restart(): void {
  if (isRestartDue) return
  console.log('Built anew: restarting the demo.')
  isRestartDue = true
  demo?.kill('SIGTERM')
}
