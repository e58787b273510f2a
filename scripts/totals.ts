// Counts what the suites report. Promises: nothing that crashed, or that ran nothing, counts as passed.

/** How many checks passed, failed and were skipped. */
export interface Totals {
  passed: number
  failed: number
  skipped: number
}

/** What Vitest's JSON reporter writes, as far as it is counted here. */
export interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** What Playwright's JSON reporter writes, as far as it is counted here. */
export interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  errors: unknown[]
}

/** A check that has only an exit code, such as types or lint: one passed or one failed. */
export function countExit(exitCode: number | null): Totals {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/** Vitest's totals; a test file that could not be loaded counts as one failure. */
export function countVitest(report: VitestReport): Totals {
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** Playwright's totals; a flaky test counts as failed, an error outside the tests as one failure. */
export function countPlaywright({ stats, errors }: PlaywrightReport): Totals {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped }
}

/**
 * A suite's totals as they may be believed: without a report, or with one that shows no failure
 * although the process failed, or when nothing ran at all, there is at least one failure.
 */
export function judge(exitCode: number | null, reported: Totals | null): Totals {
  if (reported === null) return { passed: 0, failed: 1, skipped: 0 }
  const ranNothing = reported.passed + reported.failed === 0
  const hidFailure = exitCode !== 0 && reported.failed === 0
  return ranNothing || hidFailure ? { ...reported, failed: reported.failed + 1 } : reported
}

/** The sum over all suites. */
export function addTotals(all: Totals[]): Totals {
  return all.reduce(
    (sum, one) => ({ passed: sum.passed + one.passed, failed: sum.failed + one.failed, skipped: sum.skipped + one.skipped }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}

/** `12 passed, 0 failed`, and `, 1 skipped` when there are some. */
export function formatTotals({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
