/**
 * psql reaches what `wardian pg` serves: a Unix-domain socket, of a host of its own and of one that runs; an endpoint
 * with certificates of both sides; a copy of the instance for each connection.
 */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTimeoutMs } from '../../../test/support/engine-fixture.ts'
import { TestAuthority } from '../../../test/support/test-certificates.ts'
import { startHere, type PgReady } from '../../../test/support/pg-command-run.ts'
import { runProgram, type ProgramResult } from '../../../test/support/run-program.ts'
import { systemClock } from '../../base/clock.ts'
import { serve } from '../headless/serve.ts'
import { startHost } from '../host/workbench-host.ts'

describe('wardian pg', { timeout: 4 * openTimeoutMs }, () => {
  let folder: string
  beforeEach(() => {
    // Short: the path of a socket has at most some hundred bytes.
    folder = mkdtempSync(join(tmpdir(), 'pgs-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function psql({ socketUrl = '' }: PgReady, sql: string): Promise<ProgramResult> {
    return runProgram(['psql', '-XAtc', sql, socketUrl])
  }

  it('has a socket that psql reaches, with the host of the command', async () => {
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

  it('has a socket that psql reaches, with a host that runs', async () => {
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

  it('is encrypted with the certificate that it was given, and lets those of programs log in', async () => {
    const authority = await TestAuthority.create()
    const [server, own] = await Promise.all([authority.sign('CN=localhost'), authority.sign('CN=postgres')])
    const put = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      return join(folder, name)
    }
    const ca = put('ca.crt', authority.certificate)
    const command = startHere([
      ...['pg', '--temporary', '--json', '--data', join(folder, 'd'), '--tls-required'],
      ...['--tls-cert', put('server.crt', server.certificate), '--tls-key', put('server.key', server.key)],
      ...['--tls-client-ca', ca, '--tls-client-log-in'],
    ])
    const { host, port, database } = await command.ready
    const where = { PGHOST: host, PGPORT: String(port), PGDATABASE: database, PGUSER: 'postgres' }
    const trust = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: ca }
    const shown = { PGSSLCERT: put('c.crt', own.certificate), PGSSLKEY: put('c.key', own.key) }
    const who = 'select system_user, ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()'
    expect(await runProgram(['psql', '-XAtc', who], { ...where, ...trust, ...shown })).toEqual({
      ...{ exitCode: 0, stdout: 'cert:CN=postgres|t|/CN=postgres\n', stderr: '' },
    })
    const without = await runProgram(['psql', '-XAtc', who], { ...where, ...trust })
    expect(without.stderr).toContain('requires a valid client certificate')
    const plain = await runProgram(['psql', '-XAtc', who], { ...where, PGSSLMODE: 'disable' })
    expect(plain.stderr).toContain('encrypted connections only')
    await command.interrupt()
  })

  it('gives each psql a copy, which is gone when it leaves', async () => {
    const command = startHere([
      ...['pg', '--temporary', '--json', '--fork-per-connection', '--data', join(folder, 'd')],
    ])
    const { url } = await command.ready
    const make =
      'create table made_here as select 1 as n; begin; update made_here set n = 2; commit; table made_here'
    const both = await Promise.all([1, 2].map(() => runProgram(['psql', '-XAqtc', make, url])))
    for (const each of both) expect(each).toEqual({ exitCode: 0, stdout: '2\n', stderr: '' })
    expect((await runProgram(['psql', '-XAtc', 'table made_here', url])).stderr).toContain('does not exist')
    await command.interrupt()
  })
})
