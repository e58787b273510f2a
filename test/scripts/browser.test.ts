// Which browser the tests use, and how it is started.
import { delimiter } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findChromium, launchOptions } from '../../scripts/browser.ts'

const path = ['/usr/local/bin', '/usr/bin'].join(delimiter)
const only =
  (...programs: string[]) =>
  (candidate: string) =>
    programs.includes(candidate)

describe('finding a browser', () => {
  test('SAYSO_CHROMIUM comes first, then CHROME_PATH, then what is on the path', () => {
    const environment = { SAYSO_CHROMIUM: '/a', CHROME_PATH: '/b', PATH: path }
    expect(findChromium(environment, only('/a', '/b', '/usr/bin/chromium'))).toBe('/a')
    expect(findChromium(environment, only('/b', '/usr/bin/chromium'))).toBe('/b')
    expect(findChromium(environment, only('/usr/bin/chromium'))).toBe('/usr/bin/chromium')
  })

  test('Google Chrome serves too', () => {
    expect(findChromium({ PATH: path }, only('/usr/bin/google-chrome'))).toBe('/usr/bin/google-chrome')
  })

  test('there may be none', () => {
    expect(findChromium({ PATH: path }, only())).toBeUndefined()
    expect(findChromium({}, only('/usr/bin/chromium'))).toBeUndefined()
  })
})

describe('starting it', () => {
  test('gives up the sandbox for root only', () => {
    expect(launchOptions({}, 0).args).toContain('--no-sandbox')
    expect(launchOptions({}, 1000).args).not.toContain('--no-sandbox')
  })

  test('keeps it from calling its maker', () => {
    expect(launchOptions({}, 1000).args).toContain('--disable-background-networking')
  })
})
