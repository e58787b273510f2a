// The last line of `npm test`: what it counts, and that nothing broken is ever counted as passed.
import { describe, expect, test } from 'vitest'
import { addTotals, countExit, countPlaywright, countVitest, formatTotals, judge } from '../../scripts/totals.ts'

const vitestReport = {
  numPassedTests: 7,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [{ status: 'failed', assertionResults: [{}] }],
}

describe('counting a suite', () => {
  test('types and lint count as one check each', () => {
    expect(countExit(0)).toEqual({ passed: 1, failed: 0, skipped: 0 })
    expect(countExit(2)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(countExit(null)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  test("Vitest's tests, with to-dos among the skipped", () => {
    expect(countVitest(vitestReport)).toEqual({ passed: 7, failed: 1, skipped: 3 })
  })

  test('a test file that cannot be loaded is one failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}] },
    ]
    expect(countVitest({ ...vitestReport, numFailedTests: 0, testResults }).failed).toBe(1)
  })

  test("Playwright's flaky tests and errors outside tests are failures", () => {
    const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }
    expect(countPlaywright({ stats, errors: ['the config is broken'] })).toEqual({ passed: 5, failed: 3, skipped: 2 })
  })
})

describe('believing a suite', () => {
  const fine = { passed: 3, failed: 0, skipped: 0 }

  test('a suite that crashed before it reported counts as failed', () => {
    expect(judge(null, null).failed).toBe(1)
    expect(judge(0, null).failed).toBe(1)
  })

  test('a suite that ended in failure although its report shows none counts as failed', () => {
    expect(judge(1, fine)).toEqual({ passed: 3, failed: 1, skipped: 0 })
  })

  test('a suite that ran nothing counts as failed', () => {
    expect(judge(0, { passed: 0, failed: 0, skipped: 4 }).failed).toBe(1)
  })

  test('any other suite is taken at its word', () => {
    expect(judge(0, fine)).toEqual(fine)
    expect(judge(1, { ...fine, failed: 2 }).failed).toBe(2)
  })
})

describe('the last line', () => {
  test('says how many passed and failed, and how many were skipped when some were', () => {
    expect(formatTotals({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed')
    expect(formatTotals({ passed: 12, failed: 3, skipped: 1 })).toBe('12 passed, 3 failed, 1 skipped')
  })

  test('sums all suites', () => {
    expect(
      addTotals([
        { passed: 1, failed: 0, skipped: 2 },
        { passed: 4, failed: 1, skipped: 0 },
      ]),
    ).toEqual({ passed: 5, failed: 1, skipped: 2 })
    expect(formatTotals(addTotals([]))).toBe('0 passed, 0 failed')
  })
})
