// Tools that nobody here wrote, where the machine has them: Go with golang.org/x/mod, and the jose command.
// Debian and Ubuntu: apt-get install golang-go golang-golang-x-mod-dev jose
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const GOPATH = process.env.SAYSO_GOPATH ?? '/usr/share/gocode'

/** Where the Debian packages put Go's sources; nothing is downloaded. */
const environment = { ...process.env, GOPATH, GO111MODULE: 'off', GOFLAGS: '', GOPROXY: 'off', CGO_ENABLED: '0' }

function hasCommand(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).error === undefined
}

export const hasGo = existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog')) && hasCommand('go', ['version'])
export const hasJose = hasCommand('jose', ['--help'])

const missing = [...(hasGo ? [] : ['go with golang.org/x/mod']), ...(hasJose ? [] : ['jose'])]
if (missing.length > 0) console.warn(`\n*** SKIPPED: no ${missing.join(', no ')}. apt-get install golang-go golang-golang-x-mod-dev jose ***\n`)

const run = promisify(execFile)

/** Builds the Go program into a folder; resolves to its path. */
export async function buildTlog(folder: string): Promise<string> {
  const program = join(folder, 'tlog')
  await run('go', ['build', '-o', program, join(import.meta.dirname, 'tlog.go')], { env: { ...environment, GOCACHE: join(folder, 'cache') } })
  return program
}

/** Runs a program; what it printed, and why it failed. */
export async function runTool(command: string, args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await run(command, args, { maxBuffer: 1e8 })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: code ?? 1, out: stdout, err: stderr }
  }
}
