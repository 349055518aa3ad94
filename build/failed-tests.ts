/**
 * Which tests failed, read from the runners' own reports: in which file, under which name, and with what words. Knows
 * nothing of how runners are started.
 */
import { relative } from 'node:path'
import { repositoryRoot } from './run-command.ts'

export interface FailedTest {
  /** Path from the repository's root. */
  readonly file: string
  readonly name: string
  readonly message: string
  /** Tests of the file that never came to an end: its process died under them. */
  readonly unfinishedCount?: number
}

/** Of Vitest's JSON reporter; a file that broke down before its tests is one failed test. */
export function failedUnitTests(report: unknown): FailedTest[] {
  return list(report, 'testResults').flatMap((result) => {
    const file = relative(repositoryRoot, text(result, 'name'))
    const failed = list(result, 'assertionResults').filter((one) => text(one, 'status') === 'failed')
    if (failed.length === 0 && text(result, 'status') === 'failed') {
      const tests = list(result, 'assertionResults')
      const unfinishedCount = tests.filter((one) => text(one, 'status') === 'pending').length
      return [{ file, name: 'the whole file', message: text(result, 'message'), unfinishedCount }]
    }
    return failed.map((one) => ({
      ...{ file, name: text(one, 'fullName'), message: list(one, 'failureMessages').join('\n') },
    }))
  })
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
