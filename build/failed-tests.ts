/**
 * Which tests failed, read from the runners' own reports: in which file, under which name, and with what words. Knows
 * nothing of how runners are started.
 */
import { join, relative } from 'node:path'
import { repositoryRoot } from './run-command.ts'

export interface FailedTest {
  /** Path from the repository's root. */
  readonly file: string
  readonly name: string
  readonly message: string
  /** Tests of the file that never came to an end: its process died under them, or what they need was not made. */
  readonly unfinishedCount?: number
}

const wholeFile = 'the whole file'

/** Of Vitest's JSON reporter; a file that broke down before its tests, or under one, is one failed test besides. */
export function failedUnitTests(report: unknown): FailedTest[] {
  return list(report, 'testResults').flatMap((result) => {
    const file = relative(repositoryRoot, text(result, 'name'))
    const failed = assertions(result, ['failed'])
    const isBroken = assertions(result, ['pending']).length > 0 || failsAsAWhole(result)
    const unfinishedCount = assertions(result, unfinishedStatuses(result)).length
    const whole = { file, name: wholeFile, message: text(result, 'message'), unfinishedCount }
    const tests = failed.map((one) => ({
      ...{ file, name: text(one, 'fullName'), message: list(one, 'failureMessages').join('\n') },
    }))
    return isBroken ? [...tests, whole] : tests
  })
}

/** How many tests of Vitest's report were not to be run. */
export function skippedUnitTests(report: unknown): number {
  return list(report, 'testResults').flatMap((result) => {
    const unfinished = unfinishedStatuses(result)
    return assertions(
      result,
      ['skipped', 'todo'].filter((status) => !unfinished.includes(status)),
    )
  }).length
}

/** Vitest leaves a test pending if its process died, and skips it if a `beforeAll` over it failed. */
function unfinishedStatuses(result: unknown): readonly string[] {
  return failsAsAWhole(result) ? ['pending', 'skipped'] : ['pending']
}

function failsAsAWhole(result: unknown): boolean {
  const hasCulprit = assertions(result, ['failed', 'pending']).length > 0
  return text(result, 'status') === 'failed' && !hasCulprit
}

/**
 * Errors that no test caught, but for those that say which process died: the file that it ran is among the failed. Such
 * an error fails a run by itself.
 */
export function unexplainedErrors(errors: readonly string[], failed: readonly FailedTest[]): string[] {
  return errors.filter((error) => {
    const file = /Worker exited unexpectedly[^\n]* while running test file ([^\n]+)/.exec(error)?.[1]
    return !failed.some((one) => one.name === wholeFile && file === join(repositoryRoot, one.file))
  })
}

function assertions(result: unknown, statuses: readonly string[]): readonly unknown[] {
  return list(result, 'assertionResults').filter((one) => statuses.includes(text(one, 'status')))
}

/** What Playwright's JSON reporter tells of no spec, such as what a worker could not put away at its end. */
export function errorsOfNoSpec(report: unknown): string[] {
  return messagesOf(report)
}

/** Of Playwright's JSON reporter. */
export function failedE2eTests(report: unknown): FailedTest[] {
  return list(report, 'suites').flatMap(failedOfSuite)
}

function failedOfSuite(suite: unknown): FailedTest[] {
  const failed = list(suite, 'specs').flatMap((spec) =>
    list(spec, 'tests')
      .filter((test) => text(test, 'status') === 'unexpected')
      .map((test) => ({
        file: `e2e/${text(spec, 'file')}`,
        name: `[${text(test, 'projectName')}] ${text(spec, 'title')}`,
        message: list(test, 'results').flatMap(messagesOf).join('\n'),
      })),
  )
  return [...failed, ...list(suite, 'suites').flatMap(failedOfSuite)]
}

function messagesOf(result: unknown): string[] {
  return list(result, 'errors').map((error) => text(error, 'message'))
}

function list(record: unknown, key: string): readonly unknown[] {
  const value = field(record, key)
  return Array.isArray(value) ? value : []
}

function text(record: unknown, key: string): string {
  const value = field(record, key)
  return typeof value === 'string' ? value : ''
}

function field(record: unknown, key: string): unknown {
  return typeof record === 'object' && record !== null ? Reflect.get(record, key) : undefined
}
