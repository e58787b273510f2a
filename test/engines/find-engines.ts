// Which of the three engines this machine has, and what is missing of the others. Nothing is installed or downloaded.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findChromium } from '../../scripts/browser.ts'

export const ENGINES = ['Chromium', 'Firefox', 'WebKitGTK'] as const
export type EngineName = (typeof ENGINES)[number]

/** How each engine is installed on Debian and Ubuntu. */
export const INSTALL: Record<EngineName, string> = {
  Chromium: 'apt-get install chromium chromium-driver',
  Firefox: 'apt-get install firefox-esr',
  WebKitGTK: 'apt-get install webkit2gtk-driver xvfb',
}

/** Where the programs of an engine are, by what they are called; undefined where there is none. */
export function findPrograms(name: EngineName, environment: NodeJS.ProcessEnv, exists: (path: string) => boolean = existsSync): Record<string, string | undefined> {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const find = (...programs: string[]) => programs.flatMap((program) => folders.map((folder) => join(folder, program))).find(exists)
  if (name === 'Chromium') return { chromium: findChromium(environment, exists), chromedriver: find('chromedriver') }
  // Speaks WebDriver BiDi by itself, without a driver beside it.
  if (name === 'Firefox') return { firefox: find('firefox-esr', 'firefox') }
  // Its driver knows its own browser, which needs a screen to draw on.
  return { WebKitWebDriver: find('WebKitWebDriver'), Xvfb: find('Xvfb') }
}

/** What to tell people whose machine lacks something of an engine; undefined where all is there. */
export function explainMissing(name: EngineName, programs: Record<string, string | undefined>): string | undefined {
  const missing = Object.keys(programs).filter((program) => programs[program] === undefined)
  if (missing.length === 0) return undefined
  return `${name} IS NOT TESTED: there is no ${missing.join(' and no ')} on this machine. To test it: ${INSTALL[name]}`
}
