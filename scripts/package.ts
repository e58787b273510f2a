// Makes what npm carries beside the service: the widget's core and its bindings as modules with types, and checks with
// publint that every way to import them works. `npm run package`; npm pack runs it, too.
import { execFileSync } from 'node:child_process'
import { join, dirname } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from 'vite'

const root = dirname(import.meta.dirname)

await build({ root, mode: 'package', configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
execFileSync('tsc', ['-p', 'widget/package'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })

const { messages, pkg } = await publint({ pkgDir: root, strict: true })
for (const message of messages) console.error(formatMessage(message, pkg))
if (messages.length > 0) process.exitCode = 1
else console.log('publint has nothing to say about the package.')
