/**
 * Snapshots, forks and rewinds from the command line, as programs and people use them: a real host for each command, on
 * one data directory.
 */

import { describe, expect, it } from 'vitest'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { openTimeoutMs, testTemplatesDirectory } from '../../../test/support/engine-fixture.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { systemClock } from '../../base/clock.ts'
import { startHost } from '../host/workbench-host.ts'
import { runCommandLine } from './command-line.ts'

describe('wardian snapshot, snapshots, fork and rewind', { timeout: openTimeoutMs * 2 }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()

  async function wardian(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const captured = captureTerminal()
    const context = {
      ...{ terminal: captured.terminal, clock: systemClock, interrupt: new AbortController().signal },
      startHost: (options: Parameters<typeof startHost>[0]) =>
        startHost({ ...options, templatesDirectory: testTemplatesDirectory }),
    }
    const code = await runCommandLine(context, [...args, '--data', path('data')])
    return { code, stdout: captured.stdout(), stderr: captured.stderr() }
  }

  it('keep what there is, list it, bring it back and make others of it', async () => {
    await wardian('create', 'shop')
    await wardian('query', 'shop', 'create table t as select 1 as a')
    const taken = await wardian('snapshot', 'shop', 'first')
    expect(taken.code).toBe(0)
    const id = taken.stdout.trim()
    expect((await wardian('query', 'shop', 'drop table t')).code).toBe(0)
    const list = await wardian('snapshots', 'shop')
    expect(list.stdout).toContain(id)
    expect(list.stdout).toContain('before DROP TABLE t')
    expect(await wardian('snapshots', 'shop', '--verify', 'first')).toMatchObject({ code: 0, stdout: '' })
    expect((await wardian('rewind', 'shop', 'first')).stderr).toContain('To undo: wardian rewind shop')
    expect((await wardian('query', 'shop', 'select a from t', '--format', 'csv')).stdout).toContain('1')
    expect((await wardian('create', 'second', '--from', 'shop@first', '--json')).stdout).toContain('"second"')
    expect((await wardian('query', 'second', 'select a from t', '--format', 'csv')).stdout).toContain('1')
    expect((await wardian('fork', 'shop', 'third')).code).toBe(0)
    expect((await wardian('rewind', 'shop', 'never')).stderr).toContain('There is no snapshot named never')
    expect((await wardian('create', 'x', '--from', 'shop')).code).toBe(2)
    expect((await wardian('snapshots', 'shop', '--delete', id)).code).toBe(0)
    const left = JSON.parse((await wardian('snapshots', 'shop', '--json')).stdout) as { snapshots: unknown[] }
    expect(left.snapshots).toHaveLength(2)
  })
})
