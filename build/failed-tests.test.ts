/** Reports as the two runners write them. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  errorsOfNoSpec,
  failedE2eTests,
  failedUnitTests,
  skippedUnitTests,
  unexplainedErrors,
} from './failed-tests.ts'
import { repositoryRoot } from './run-command.ts'

describe('failedUnitTests', () => {
  it('names each failed test with its file and its words', () => {
    const assertionResults = [
      { fullName: 'a passes', status: 'passed', failureMessages: [] },
      { fullName: 'a fails', status: 'failed', failureMessages: ['Error: one', 'Error: two'] },
    ]
    const report = {
      testResults: [{ name: join(repositoryRoot, 'test/a.test.ts'), status: 'failed', assertionResults }],
    }
    expect(failedUnitTests(report)).toEqual([
      { file: 'test/a.test.ts', name: 'a fails', message: 'Error: one\nError: two' },
    ])
  })

  it('counts a file that could not be loaded as one', () => {
    const name = join(repositoryRoot, 'test/b.test.ts')
    const report = { testResults: [{ name, status: 'failed', message: 'SyntaxError', assertionResults: [] }] }
    expect(failedUnitTests(report)).toEqual([
      { file: 'test/b.test.ts', name: 'the whole file', message: 'SyntaxError', unfinishedCount: 0 },
    ])
  })

  it('tells how many tests a process has died under', () => {
    const assertionResults = ['passed', 'pending', 'skipped', 'pending'].map((status) => ({ status }))
    const name = join(repositoryRoot, 'test/c.test.ts')
    const report = { testResults: [{ name, status: 'failed', message: '', assertionResults }] }
    const whole = { file: 'test/c.test.ts', name: 'the whole file', message: '', unfinishedCount: 2 }
    expect(failedUnitTests(report)).toEqual([whole])
    expect(skippedUnitTests(report)).toBe(1)
    assertionResults.push({ status: 'failed' })
    expect(failedUnitTests(report)).toEqual([expect.objectContaining({ file: whole.file }), whole])
  })

  it('takes tests under a `beforeAll` that failed for unfinished, not for skipped', () => {
    const assertionResults = ['skipped', 'passed', 'skipped'].map((status) => ({ status }))
    const name = join(repositoryRoot, 'test/d.test.ts')
    const report = { testResults: [{ name, status: 'failed', message: 'no server', assertionResults }] }
    expect(failedUnitTests(report)).toEqual([
      { file: 'test/d.test.ts', name: 'the whole file', message: 'no server', unfinishedCount: 2 },
    ])
    expect(skippedUnitTests(report)).toBe(0)
  })

  it('finds none where there is no report', () => {
    expect([failedUnitTests(undefined), failedUnitTests({}), failedE2eTests(null)]).toEqual([[], [], []])
  })
})

describe('unexplainedErrors', () => {
  it('leaves out the death of a process under the tests of a file that failed, and nothing else', () => {
    const died = (file: string): string =>
      `Worker forks emitted error. Worker exited unexpectedly with signal SIGSEGV during started state while running ` +
      `test file ${join(repositoryRoot, file)}`
    const failed = [
      { file: 'a.test.ts', name: 'the whole file', message: '', unfinishedCount: 1 },
      { file: 'b.test.ts', name: 'something', message: 'Error' },
    ]
    const others = [
      died('b.test.ts'),
      died('c.test.ts'),
      'TypeError: x is not a function\n    at a.test.ts:1:1',
    ]
    expect(unexplainedErrors([died('a.test.ts'), ...others], failed)).toEqual(others)
  })
})

describe('failedE2eTests', () => {
  it('finds those of nested suites', () => {
    const results = [{ errors: [{ message: 'not visible' }] }]
    const spec = (title: string, status: string): object => ({
      ...{ title, file: 'x.spec.ts', tests: [{ projectName: 'serve', status, results }] },
    })
    const report = {
      suites: [{ specs: [spec('works', 'expected')], suites: [{ specs: [spec('breaks', 'unexpected')] }] }],
    }
    expect(failedE2eTests(report)).toEqual([
      { file: 'e2e/x.spec.ts', name: '[serve] breaks', message: 'not visible' },
    ])
  })
})

describe('errorsOfNoSpec', () => {
  it('tells what the report holds beside its suites', () => {
    const report = { suites: [], errors: [{ message: 'Worker teardown timeout', stack: '' }] }
    expect([errorsOfNoSpec(report), errorsOfNoSpec(undefined)]).toEqual([['Worker teardown timeout'], []])
  })
})
