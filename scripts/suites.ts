// Runs everything CI runs, one suite after the other, and ends with one line of totals.
// A suite that fails does not keep the next from running; the exit code is 1 if anything failed.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { provideChromium } from './browser-install.ts'
import { addTotals, countExit, countPlaywright, countVitest, formatTotals, judge, type Totals } from './totals.ts'

interface Suite {
  name: string
  command: string[]
  /** Where the suite writes its JSON report, and how that is counted; without it the exit code counts. */
  report?: { path: string; count: (report: never) => Totals }
}

const root = dirname(import.meta.dirname)
const results = join(root, 'test-results')
const timeoutMs = 25 * 60_000

const suites: Suite[] = [
  { name: 'types', command: ['tsc'] },
  { name: 'lint', command: ['oxlint'] },
  { name: 'build', command: ['node', 'scripts/build.ts'] },
  { name: 'package', command: ['node', 'scripts/package.ts'] },
  { name: 'size', command: ['node', 'scripts/size.ts'] },
  vitest('unit'),
  vitest('browser'),
  {
    name: 'e2e',
    command: ['playwright', 'test', '--config', 'test/e2e/playwright.config.ts', '--reporter=list,json'],
    report: { path: join(results, 'e2e.json'), count: countPlaywright },
  },
  vitest('engines'),
  vitest('faults'),
  vitest('fuzz'),
]

const browser = provideChromium(process.env)
if (browser === undefined) {
  console.error('No Chromium: install one (Debian and Ubuntu: apt-get install chromium) or set SAYSO_CHROMIUM to its path.')
  process.exit(1)
}

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const outcomes: { name: string; totals: Totals }[] = []
for (const suite of suites) {
  console.log(`\n── ${suite.name} ${'─'.repeat(60 - suite.name.length)}`)
  const exitCode = await run(suite.command)
  outcomes.push({ name: suite.name, totals: suite.report ? judge(exitCode, readTotals(suite.report)) : countExit(exitCode) })
}

console.log(`\n${'─'.repeat(64)}`)
for (const { name, totals } of outcomes) console.log(`${name.padEnd(8)} ${formatTotals(totals)}`)
const sum = addTotals(outcomes.map(({ totals }) => totals))
console.log(formatTotals(sum))
process.exitCode = sum.failed > 0 ? 1 : 0

function vitest(project: string): Suite {
  const path = join(results, `${project}.json`)
  return {
    name: project,
    command: ['vitest', 'run', `--project=${project}`, '--reporter=default', '--reporter=json', `--outputFile.json=${path}`],
    report: { path, count: countVitest },
  }
}

function readTotals({ path, count }: NonNullable<Suite['report']>): Totals | null {
  return existsSync(path) ? count(JSON.parse(readFileSync(path, 'utf8')) as never) : null
}

function run([command, ...args]: string[]): Promise<number | null> {
  const env = { ...process.env, SAYSO_CHROMIUM: browser, PLAYWRIGHT_JSON_OUTPUT_NAME: join(results, 'e2e.json') }
  return new Promise((resolve) => {
    const child = spawn(command!, args, { cwd: root, env, stdio: 'inherit', timeout: timeoutMs, shell: process.platform === 'win32' })
    child.on('error', (error) => {
      console.error(error.message)
      resolve(null)
    })
    child.on('exit', (code) => resolve(code))
  })
}
