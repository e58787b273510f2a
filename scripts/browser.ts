// Finds the Chromium that tests and screenshots use, and says how it is started everywhere.
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const macApplications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Where a browser may be, best first: what the environment names, then every usual name on PATH. */
export function listCandidates(environment: NodeJS.ProcessEnv): string[] {
  const named = [environment['SAYSO_CHROMIUM'], environment['CHROME_PATH']].flatMap((path) => (path ? [path] : []))
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...named, ...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...macApplications]
}

/** The first Chromium there is on this machine, or undefined; one inside Playwright is not looked for. */
export function findChromium(environment: NodeJS.ProcessEnv, isProgram = isExecutable): string | undefined {
  return listCandidates(environment).find((path) => isProgram(path))
}

/**
 * Playwright's launch options. Without an executablePath Playwright takes its own browser. Chromium
 * refuses to run sandboxed as root, and only then is the sandbox given up; the rest keeps it from
 * calling its maker's hosts while tests count requests.
 */
export function launchOptions(environment: NodeJS.ProcessEnv, userId = process.getuid?.()) {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic']
  return {
    executablePath: findChromium(environment),
    args: userId === 0 ? ['--no-sandbox', ...quiet] : quiet,
  }
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
