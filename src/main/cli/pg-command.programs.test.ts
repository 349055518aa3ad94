/** psql reaches the Unix-domain socket that `wardian pg --socket` makes: of a host of its own, and of one that runs. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTimeoutMs } from '../../../test/support/engine-fixture.ts'
import { startHere, type PgReady } from '../../../test/support/pg-command-run.ts'
import { runProgram, type ProgramResult } from '../../../test/support/run-program.ts'
import { systemClock } from '../../base/clock.ts'
import { serve } from '../headless/serve.ts'
import { startHost } from '../host/workbench-host.ts'

describe('wardian pg --socket', { timeout: 4 * openTimeoutMs }, () => {
  let folder: string
  beforeEach(() => {
    // Short: the path of a socket has at most some hundred bytes.
    folder = mkdtempSync(join(tmpdir(), 'pgs-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function psql({ socketUrl = '' }: PgReady, sql: string): Promise<ProgramResult> {
    return runProgram(['psql', '-XAtc', sql, socketUrl])
  }

  it('is reached by psql, with the host of the command', async () => {
    const socket = join(folder, 'socket')
    const command = startHere([
      'pg',
      '--temporary',
      '--json',
      '--socket',
      socket,
      '--data',
      join(folder, 'd'),
    ])
    const ready = await command.ready
    expect(ready.socket).toBe(join(socket, `.s.PGSQL.${ready.port}`))
    expect(statSync(ready.socket ?? '').mode & 0o777).toBe(0o600)
    expect(await psql(ready, 'select 6 * 7')).toEqual({ exitCode: 0, stdout: '42\n', stderr: '' })
    const byWords = await runProgram(
      ['psql', '-XAtc', 'select 1', '-h', socket, '-p', String(ready.port), '-U', 'postgres', 'temporary'],
      { PGPASSWORD: ready.password },
    )
    expect(byWords).toEqual({ exitCode: 0, stdout: '1\n', stderr: '' })
    await command.interrupt()
    expect(() => statSync(ready.socket ?? '')).toThrow('ENOENT')
  })

  it('is reached by psql, with a host that runs', async () => {
    const pageFolder = join(folder, 'page')
    mkdirSync(pageFolder)
    writeFileSync(join(pageFolder, 'index.html'), 'page')
    const dataDirectory = join(folder, 'd')
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const serving = await serve({
      ...{ startHost, dataDirectory, port: null, token: null, pageFolder, clock: systemClock, log },
    })
    try {
      const socket = join(folder, 'socket')
      const command = startHere(['pg', 'playground', '--json', '--socket', socket, '--data', dataDirectory])
      expect(await psql(await command.ready, 'select count(*) > 0 from customers')).toEqual({
        ...{ exitCode: 0, stdout: 't\n', stderr: '' },
      })
      await command.interrupt()
      chmodSync(socket, 0o755)
      const refused = await startHere(['pg', 'playground', '--socket', socket, '--data', dataDirectory]).ended
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('chmod 700') })
    } finally {
      await serving.stop()
    }
  })
})
