/**
 * `npm test`: builds what is stale, gets a browser if there is none, then checks beside unit tests, and end-to-end
 * specs. All of them run even if one fails; the last lines tell what failed, and how many tests passed and failed,
 * counted from the runners' own reports. A runner that reports no test at all counts as a failure.
 *
 * A few failed tests are run once more, alone. One that passes then is unsteady: it is named at the end, and somebody
 * has to find out why, but it does not hide what else the run has shown.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildIfStale } from './build-if-stale.ts'
import {
  errorsOfNoSpec,
  failedE2eTests,
  failedUnitTests,
  skippedUnitTests,
  unexplainedErrors,
  type FailedTest,
} from './failed-tests.ts'
import { obtainBrowser } from './find-browser.ts'
import { passesAlone, readReport, say } from './repeat-failed.ts'
import { repositoryRoot, runCommand, runPackageCommand } from './run-command.ts'
import { takeUnhandledErrors } from './unhandled-errors.ts'

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const UNIT_REPORT = 'out/test/unit.json'
const E2E_REPORT = 'out/test/e2e.json'
/** For .ci/run, whose last line it is. */
const SUMMARY = 'out/test/summary.txt'

function numberAt(record: unknown, key: string): number {
  const value: unknown = typeof record === 'object' && record !== null ? Reflect.get(record, key) : undefined
  return typeof value === 'number' ? value : 0
}

/** Vitest's JSON reporter. */
function unitCounts(): Counts {
  const report = readReport(UNIT_REPORT)
  return {
    passed: numberAt(report, 'numPassedTests'),
    failed: numberAt(report, 'numFailedTests'),
    skipped: skippedUnitTests(report),
  }
}

/** Playwright's JSON reporter. */
function e2eCounts(): Counts {
  const report = readReport(E2E_REPORT)
  const stats: unknown =
    typeof report === 'object' && report !== null ? Reflect.get(report, 'stats') : undefined
  return {
    passed: numberAt(stats, 'expected'),
    failed: numberAt(stats, 'unexpected') + numberAt(stats, 'flaky'),
    skipped: numberAt(stats, 'skipped'),
  }
}

async function runUnitTests(): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`]
  const { exitCode } = await runPackageCommand({ packageName: 'vitest' }, ['run', ...reporters], {
    output: 'inherit',
  })
  return exitCode
}

async function runE2eTests(): Promise<number> {
  say(`browser: ${await obtainBrowser(say)}`)
  const command = { packageName: '@playwright/test', name: 'playwright' }
  const { exitCode } = await runPackageCommand(command, ['test'], { output: 'inherit' })
  return exitCode
}

async function runChecks(): Promise<number> {
  const { exitCode } = await runCommand(process.execPath, ['build/check.ts'], { output: 'inherit' })
  return exitCode
}

async function repeatUnitTests(files: readonly string[]): Promise<number> {
  const { exitCode } = await runPackageCommand({ packageName: 'vitest' }, ['run', ...files], {
    output: 'inherit',
  })
  return exitCode
}

/** Those that failed, and no neighbour, which might fail for once. */
async function repeatE2eTests(): Promise<number> {
  const command = { packageName: '@playwright/test', name: 'playwright' }
  const args = ['test', '--workers=1', '--reporter=list', '--last-failed']
  const { exitCode } = await runPackageCommand(command, args, { output: 'inherit' })
  return exitCode
}

/** Runs one stage; a stage that throws has failed, and says why. */
async function stage(name: string, run: () => Promise<number>): Promise<boolean> {
  say(`\n== ${name}`)
  try {
    return (await run()) === 0
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return false
  }
}

async function main(): Promise<void> {
  const startedMs = performance.now()
  for (const report of [UNIT_REPORT, E2E_REPORT, SUMMARY])
    rmSync(join(repositoryRoot, report), { force: true })
  takeUnhandledErrors()
  await buildIfStale()
  // The check fills what unit tests leave of the processors while they wait.
  const [checked, unitPassed] = await Promise.all([
    stage('check', runChecks),
    stage('unit tests', runUnitTests),
  ])
  const e2ePassed = await stage('end-to-end specs', runE2eTests)

  const failedUnit = failedUnitTests(readReport(UNIT_REPORT))
  const failedE2e = failedE2eTests(readReport(E2E_REPORT))
  const unitErrors = takeUnhandledErrors()
  const e2eErrors = errorsOfNoSpec(readReport(E2E_REPORT))
  const unsteady = [
    ...((await passesAlone(failedUnit, repeatUnitTests)) ? failedUnit : []),
    ...((await passesAlone(failedE2e, repeatE2eTests)) ? failedE2e : []),
  ]
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1)
  say(`\ncheck ${checked ? 'passed' : 'FAILED'}; ${minutes} min`)
  for (const error of [...unitErrors, ...e2eErrors]) say(`No test caught: ${error}`)
  for (const { file, name } of unsteady) say(`UNSTEADY: failed, and passed alone: ${file} > ${name}`)
  const remaining = [...failedUnit, ...failedE2e].filter((test) => !unsteady.includes(test))
  // A stage that fails without a failed test (the check, a runner that breaks down) is a failure of its own.
  const broken = [checked, unitPassed || failedUnit.length > 0, e2ePassed || failedE2e.length > 0].filter(
    (isSo) => !isSo,
  )
  const unexplained = [...unexplainedErrors(unitErrors, failedUnit), ...e2eErrors]
  conclude(Math.max(remaining.length + broken.length, unexplained.length), unsteady)
}

/** The last line, and the exit code. */
function conclude(faultCount: number, unsteady: readonly FailedTest[]): void {
  const unit = unitCounts()
  const e2e = e2eCounts()
  const ranAll = unit.passed > 0 && e2e.passed > 0 && unit.skipped + e2e.skipped === 0
  if (!ranAll) say('FAILED: not every test has run')
  const failedCount = ranAll ? faultCount : Math.max(faultCount, 1)
  say(`unit ${describe(unit)}; e2e ${describe(e2e)}; ${unsteady.length} of the failed passed alone`)
  // A process that died left tests behind, which have passed alone like any that failed.
  const passedAlone = unsteady.reduce((sum, { unfinishedCount = 1 }) => sum + Math.max(unfinishedCount, 1), 0)
  const summary = `${unit.passed + e2e.passed + passedAlone} passed, ${failedCount} failed`
  say(summary)
  writeFileSync(join(repositoryRoot, SUMMARY), `${summary}\n`)
  if (failedCount > 0) process.exitCode = 1
}

function describe(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
