/** What an instance keeps, from the command line: a real host for each command, on one data directory. */

import { describe, expect, it } from 'vitest'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { openTimeoutMs, testTemplatesDirectory } from '../../../test/support/engine-fixture.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { systemClock } from '../../base/clock.ts'
import { defaultCacheOptions } from '../../contract/cache.ts'
import { startHost } from '../host/workbench-host.ts'
import { runCommandLine } from './command-line.ts'

describe('wardian cache', { timeout: openTimeoutMs * 2 }, () => {
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

  it('tells how it is set, sets it, and the next command still knows', async () => {
    await wardian('create', 'shop')
    expect((await wardian('cache', 'shop')).stderr).toContain('shop keeps no results; --on switches it on')
    const set = await wardian('cache', 'shop', '--on', '--bytes', '16MB', '--max-age', '60')
    expect(set).toMatchObject({ code: 0, stdout: '' })
    expect(set.stderr).toContain('shop keeps 0 results, 0.0 MB of 16 MB, for 60 s at most')
    const state = JSON.parse((await wardian('cache', 'shop', '--json')).stdout) as Record<string, unknown>
    const options = { isOn: true, bytesMax: 16 << 20, ageMaxMs: 60_000 }
    expect(state).toMatchObject({ options: { ...defaultCacheOptions, ...options }, entries: [] })
    expect((await wardian('cache', 'shop', '--max-age', '0', '--off', '--clear')).stderr).toContain(
      'no results',
    )
    expect((await wardian('cache', 'shop', '--on', '--off')).code).toBe(2)
    expect((await wardian('cache', 'shop', '--bytes', '5')).code).toBe(2)
    expect((await wardian('cache', 'nobody')).code).toBe(1)
  })

  it('answers a script from what it kept itself, and not where it is told to run everything', async () => {
    await wardian('cache', 'shop', '--on')
    const sql = 'select count(*) from generate_series(1, 400000)'
    const asked = async (...flags: string[]): Promise<boolean[]> => {
      const { code, stderr } = await wardian('query', 'shop', Array(4).fill(sql).join('; '), ...flags)
      expect(code).toBe(0)
      return stderr
        .split('\n')
        .flatMap((line) => (/ rows?, /.test(line) ? [line.includes(', cached, ')] : []))
    }
    expect((await asked()).at(-1)).toBe(true)
    expect(await asked('--no-cache')).toEqual([false, false, false, false])
  })
})
