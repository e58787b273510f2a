// `npm run dev`: builds again whenever a source changes, and restarts the demo when the service's build is new.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { buildAll, builds } from './build.ts'

const root = dirname(import.meta.dirname)

await buildAll(root)
for (const { mode, entry } of builds.filter((one) => existsSync(join(root, one.entry)))) {
  console.log(`Watching what ${entry} is made of.`)
  await build({ root, mode, configFile: join(root, 'vite.config.ts'), logLevel: 'warn', build: { watch: {}, emptyOutDir: false } })
}

const demo = spawn(process.execPath, ['--watch', 'dist/server/main.js', 'demo'], { cwd: root, stdio: 'inherit' })
demo.on('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    demo.kill(signal)
    process.exit(0)
  })
}
