// Gets a Chromium onto a machine that has none: Playwright's download, else Debian's or Ubuntu's package.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chromium } from 'playwright'
import { findChromium } from './browser.ts'

const downloadTimeoutMs = 180_000

/** The path of a Chromium, installed if need be; undefined when none could be had. */
export function provideChromium(environment: NodeJS.ProcessEnv): string | undefined {
  const found = findChromium(environment) ?? findPlaywrights()
  if (found !== undefined) return found
  console.log("No Chromium found: trying Playwright's own download …")
  run('npx', ['playwright', 'install', 'chromium'], downloadTimeoutMs)
  const downloaded = findPlaywrights()
  if (downloaded !== undefined) return downloaded
  if (isDebianRoot()) {
    console.log('The download did not work: installing the chromium package with apt-get …')
    run('apt-get', ['update'])
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'])
  }
  return findChromium(environment)
}

function findPlaywrights(): string | undefined {
  const path = chromium.executablePath()
  return path !== '' && existsSync(path) ? path : undefined
}

function isDebianRoot(): boolean {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return process.getuid?.() === 0 && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)
}

function run(command: string, args: string[], timeout?: number): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync(command, args, { stdio: 'inherit', env, timeout })
}
