/**
 * Goal: Ctrl+C ends `wardian query` while rows come faster than they are written. They came in messages that
 * never let the event loop turn, so the signal was heard when all rows had been written. Method: the command
 * over the real engine in its own process; the interrupt comes as a signal does, in a turn of the event loop.
 */

import { PassThrough, Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { runCommandLine } from '../../src/main/cli/command-line.ts'
import { Terminal } from '../../src/main/cli/terminal.ts'
import { PgliteEngineFactory } from '../../src/main/engine/pglite/pglite-engine-factory.ts'
import type { HostOptions } from '../../src/main/host/host-options.ts'
import { startHost } from '../../src/main/host/workbench-host.ts'
import { captureTerminal } from '../support/captured-terminal.ts'
import { openTimeoutMs, testTemplatesDirectory } from '../support/engine-fixture.ts'
import { expectNoLeaks } from '../support/leak-check.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A thousand are written at once; those on their way when the interrupt comes are written too. */
const rows = 3_000_000

expectNoLeaks()
const path = temporaryDirectory()

function start(options: HostOptions): ReturnType<typeof startHost> {
  const engineFactory = new PgliteEngineFactory({ templatesDirectory: testTemplatesDirectory })
  return startHost({ ...options, engineFactory })
}

it(
  'an interrupt ends a stream of rows long before its end',
  async () => {
    const interrupt = new AbortController()
    const data = ['--data', path('data')]
    const { terminal } = captureTerminal()
    const context = { clock: systemClock, startHost: start, interrupt: interrupt.signal }
    expect(await runCommandLine({ ...context, terminal }, ['create', 'shop', ...data])).toBe(0)
    let writes = 0
    const stdout = new Writable({
      write(_part, _encoding, done) {
        // By then the rows come in messages as large as they get.
        if (++writes === 200) setImmediate(() => interrupt.abort('SIGINT'))
        done()
      },
    })
    const streams = { stdin: new PassThrough().end(), stdout, stderr: new PassThrough().resume() }
    const reader = new Terminal({ ...streams, environment: {} })
    const sql = `select generate_series(1, ${rows})`
    const query = ['query', 'shop', sql, '--format', 'csv', ...data]
    expect(await runCommandLine({ ...context, terminal: reader }, query)).toBe(130)
    expect(writes).toBeLessThan(1_200)
  },
  openTimeoutMs,
)
