/**
 * Goal: `wardian try` prints what the host reports, applies only what would succeed, and ends with the right code.
 * Method: a host with scripted answers.
 */

import { rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { TryApplied, TryReport } from '../../contract/try-report.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { exampleTryApplied, exampleTryReport } from '../../../test/support/try-examples.ts'
import type { HostOptions } from '../host/host-options.ts'
import { runCommandLine } from './command-line.ts'

expectNoLeaks()

const good: TryReport = { ...exampleTryReport, wouldSucceed: true, failure: null }
const done: TryApplied = { ...exampleTryApplied, failure: null }

describe('wardian try', () => {
  const files: string[] = []
  afterEach(() => {
    for (const file of files.splice(0)) rmSync(file)
  })

  async function run(args: readonly string[], answers: { report: TryReport; applied?: TryApplied }) {
    const file = join(tmpdir(), `${randomUUID()}.sql`)
    files.push(file)
    writeFileSync(file, 'select 1')
    const asked: unknown[] = []
    const handlers: Partial<Handlers<WorkbenchContract>> = {
      'instance.list': () => Promise.resolve([exampleInstance]),
      'try.run': async function* (params) {
        asked.push(params.mode)
        yield { value: { kind: 'step', step: 'running', index: 0, count: 2 } }
        return answers.report
      },
      'try.apply': async function* (params) {
        asked.push([params.sha256, params.position, params.inOneTransaction, params.despiteWrites])
        yield { value: { kind: 'step', step: 'applying', index: 0, count: 2 } }
        return answers.applied ?? done
      },
    }
    const { terminal, stdout, stderr } = captureTerminal()
    const context = {
      ...{ terminal, clock: systemClock, interrupt: new AbortController().signal },
      startHost: (options: HostOptions) => Promise.resolve(new ScriptedHost(options, handlers)),
    }
    const data = join(tmpdir(), randomUUID())
    const code = await runCommandLine(context, ['try', exampleInstance.name, file, ...args, '--data', data])
    return { code, asked, stdout: stdout(), stderr: stderr() }
  }

  it('prints what would be different, and answers 0 when all of it would succeed', async () => {
    const { code, asked, stdout } = await run([], { report: good })
    expect([code, asked]).toEqual([0, ['script']])
    expect(stdout).toContain('The script would succeed: 3 statements')
    expect(stdout).toContain('Statement 1 waits (pg_sleep).')
    expect(stdout).toContain(
      'changed table public.customers\n     create table\n    +  mail text\n    -  fax text',
    )
    expect(stdout).toContain('public.customers: 1 inserted, 2 updated, 1 deleted · 10 → 10 rows')
    expect(stdout).toContain('    + id=11, city=NULL\n    ~ id=1, city=Paris → Lyon\n    - id=3, city=\n')
    expect(stdout).toContain('public.customers_id_seq: 10 → 11')
    expect(stdout).not.toContain('Update on customers')
    expect((await run(['--plans'], { report: good })).stdout).toContain('      Update on customers')
  })

  it('answers 1 when it would fail, with the place, and applies nothing', async () => {
    const { code, asked, stdout, stderr } = await run(['--apply', '--transaction'], {
      report: exampleTryReport,
    })
    expect([code, asked]).toEqual([1, ['transaction']])
    expect(stdout).toContain('The script would fail at statement 2 of 3')
    expect(stdout).toContain('at line 3, column 9:')
    expect(stderr).toContain('The script would fail')
  })

  it('applies the same text, and says how', async () => {
    const { code, asked, stderr } = await run(['--apply'], { report: good })
    expect(code).toBe(0)
    expect(asked[1]).toEqual([good.sha256, good.position, true, false])
    expect(stderr).toContain(`Applied to ${exampleInstance.name} as one transaction`)
    const failed = await run(['--apply'], { report: good, applied: exampleTryApplied })
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('Applying it failed, and nothing was changed')
  })

  it('prints one JSON document', async () => {
    const { code, stdout } = await run(['--json', '--apply'], { report: good })
    expect([code, JSON.parse(stdout)]).toEqual([0, { report: good, applied: done }])
    const tried = await run(['--json'], { report: exampleTryReport })
    expect([tried.code, JSON.parse(tried.stdout)]).toEqual([1, { report: exampleTryReport, applied: null }])
  })

  it('needs a name and a file', async () => {
    const { terminal, stderr } = captureTerminal()
    const context = {
      ...{ terminal, clock: systemClock, interrupt: new AbortController().signal },
      startHost: () => Promise.reject(new Error('not needed')),
    }
    expect(await runCommandLine(context, ['try', 'shop'])).toBe(2)
    expect(stderr()).toContain('file')
  })
})
