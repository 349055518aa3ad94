/** What `wardian connect` asks the host for, and where passwords come from. Method: a host with scripted answers. */

import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { RemoteConnection } from '../../contract/remote-server.ts'
import { captureTerminal } from '../../../test/support/captured-terminal.ts'
import { exampleInstance } from '../../../test/support/example-instance.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { runCommandLine } from './command-line.ts'

expectNoLeaks()

interface Asked {
  readonly name?: string
  readonly connection: RemoteConnection
  readonly password: string | null
}

const trial = {
  ...{ serverVersion: '17.2', product: 'PostgreSQL', connectMs: 20, roundTripMs: 1.25 },
  ...{ encryption: 'TLSv1.3', isVerified: true },
}

async function connect(
  args: readonly string[],
  { environment = {}, input = '', failure = null as WorkbenchError | null } = {},
): Promise<{ code: number; stdout: string; stderr: string; tried: Asked[]; created: Asked[] }> {
  const captured = captureTerminal({ PGUSER: 'ada', ...environment }, input)
  const tried: Asked[] = []
  const created: Asked[] = []
  const context = {
    terminal: captured.terminal,
    clock: systemClock,
    startHost: (options: ConstructorParameters<typeof ScriptedHost>[0]) =>
      Promise.resolve(
        new ScriptedHost(options, {
          'remote.test': (asked) => {
            tried.push(asked)
            return failure ? Promise.reject(failure) : Promise.resolve(trial)
          },
          'remote.create': (asked) => {
            created.push(asked)
            return Promise.resolve({
              ...exampleInstance,
              name: asked.name,
              engine: 'postgres',
              storage: 'remote',
            })
          },
        }),
      ),
    interrupt: new AbortController().signal,
  }
  const directory = join(tmpdir(), `wardian-none-${randomUUID()}`)
  const code = await runCommandLine(context, ['connect', ...args, '--data', directory])
  return { code, stdout: captured.stdout(), stderr: captured.stderr(), tried, created }
}

describe('connect', () => {
  it('tries the server, keeps it, and prints no password', async () => {
    const seen = await connect(['far', 'postgres://bob:s3cret@db.example.org/shop?target_session_attrs=any'])
    expect(seen).toMatchObject({ code: 0, stdout: '' })
    expect(seen.stderr).toBe(
      'warning: target_session_attrs in the address has no effect here\n' +
        'Connecting to shop at db.example.org:5432 as bob\n' +
        'far is PostgreSQL 17.2, TLSv1.3, certificate checked, 1.3 ms away\n',
    )
    const connection = {
      host: 'db.example.org',
      port: 5432,
      database: 'shop',
      user: 'bob',
      tlsMode: 'prefer',
    }
    expect(seen.tried).toMatchObject([{ connection, password: 's3cret' }])
    expect(seen.created).toMatchObject([{ name: 'far', connection, password: 's3cret' }])
  })

  it('takes the password from stdin before the address, and from there before the environment', async () => {
    const environment = { PGPASSWORD: 'of the environment' }
    const stdin = await connect(['far', 'postgres://u:of-the-address@h', '--password-stdin'], {
      ...{ environment, input: 'of stdin\n' },
    })
    const address = await connect(['far', 'postgres://u:of-the-address@h'], { environment })
    const given = await connect(['far', 'postgres://u@h'], { environment })
    const none = await connect(['far', 'postgres://u@h'])
    expect([stdin, address, given, none].map(({ created }) => created[0]?.password)).toEqual([
      ...['of stdin', 'of-the-address', 'of the environment', null],
    ])
  })

  it('hands on what marks and protects it', async () => {
    const flags = ['--tls', 'verify-ca', '--ca', '/ca.pem', '--cert', '/c.pem', '--key', '/c.key']
    const marks = ['--read-only', '--label', 'production', '--colour', 'clay', '--no-test', '--json']
    const seen = await connect(['far', 'host=h', ...flags, ...marks])
    expect(seen.tried).toEqual([])
    expect(JSON.parse(seen.stdout)).toMatchObject({ name: 'far', engine: 'postgres' })
    expect(seen.created[0]?.connection).toEqual({
      ...{ host: 'h', port: 5432, database: 'ada', user: 'ada', tlsMode: 'verify-ca', caFile: '/ca.pem' },
      ...{
        certificateFile: '/c.pem',
        keyFile: '/c.key',
        isReadOnly: true,
        label: 'production',
        colour: 'clay',
      },
      connectionsMax: 20,
    })
  })

  it('keeps nothing of a server that refuses', async () => {
    const failure = new WorkbenchError('unreachable', 'Could not connect to h:5432. Nothing listens there')
    const seen = await connect(['far', 'postgres://u@h'], { failure })
    expect([seen.code, seen.created]).toEqual([1, []])
    expect(seen.stderr).toContain('error: Could not connect to h:5432')
  })

  it.each([
    [['far', 'mysql://h'], 'no connection string'],
    [['far', 'postgres://u:p@h', '--tls', 'sometimes'], 'sometimes'],
    [['far', 'postgres://u@h', '--password-stdin'], 'one line'],
    [['x'.repeat(64), 'postgres://u@h'], '63 characters'],
  ])('%j is wrong usage', async (args, words) => {
    const seen = await connect(args)
    expect([seen.code, seen.stdout, seen.created]).toEqual([2, '', []])
    expect(seen.stderr).toContain(words)
  })
})
