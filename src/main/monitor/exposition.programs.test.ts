/**
 * What other tools read, judged by Prometheus's own promtool (Debian's package `prometheus`), where there is one; the
 * rules themselves are also linted in exposition.test.ts, which needs no program.
 */

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { exposed } from '../../../test/support/exposed-example.ts'
import { expose } from './exposition.ts'

const promtool = (args: readonly string[], input = ''): ReturnType<typeof spawnSync> =>
  spawnSync('promtool', args, { input, encoding: 'utf8' })

describe.runIf(promtool(['--version']).status === 0)('promtool check metrics', () => {
  it('has nothing to say of any metric', async () => {
    const { text } = await expose(exposed, 'prometheus')
    const { status, stdout, stderr } = promtool(['check', 'metrics'], text)
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('would say something of a metric that breaks a rule', () => {
    const { status, stderr } = promtool(['check', 'metrics'], '# TYPE a_ms counter\na_ms 1\n')
    expect(status).not.toBe(0)
    expect(stderr).toContain('a_ms')
  })
})
