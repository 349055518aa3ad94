/** Where an endpoint listens, and where it refuses to. */

import { once } from 'node:events'
import { chmod, rename, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../../../../test/support/run-program.ts'
import { short } from '../../../../test/support/raw-wire-client.ts'
import { scriptedWireFixture } from '../../../../test/support/scripted-wire-fixture.ts'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { int32, SSL_REQUEST, untyped } from '../../../../test/support/wire/frontend-messages.ts'

const wire = scriptedWireFixture()
const path = temporaryDirectory()
const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777

describe('an endpoint', () => {
  test('listens on loopback alone, on any port or on one', async () => {
    const first = await wire.listen()
    expect([first.address, first.socketPath]).toEqual(['127.0.0.1', null])
    await expect(wire.listen({ tcp: { port: first.port } })).rejects.toMatchObject({ code: 'in-use' })
    await expect(wire.listen({ tcp: { port: 0, address: '0.0.0.0' } })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    await expect(wire.listen({ tcp: null })).rejects.toMatchObject({ code: 'invalid-argument' })
    await first.close()
    const again = await wire.listen({ tcp: { port: first.port } })
    expect(again.port).toBe(first.port)
  })

  test('listens on a Unix-domain socket that is its owner’s alone, where libpq finds it', async () => {
    const socketDirectory = path('sockets')
    const endpoint = await wire.listen({ tcp: null, socketDirectory })
    expect(endpoint.socketPath).toBe(join(socketDirectory, '.s.PGSQL.5432'))
    expect(await modeOf(socketDirectory)).toBe(0o700)
    expect(await modeOf(endpoint.socketPath ?? '')).toBe(0o600)
    const client = await wire.connect(endpoint)
    expect(short(await client.logIn({ password: wire.password }))).toBe('R(10)R(11)R(12)R(0)SKZ(I)')
    expect(endpoint.clients.list()).toMatchObject([{ address: null, port: null }])
    expect(wire.session().options.title).toBe('client (postgres, local)')
    const environment = { PGHOST: socketDirectory, PGUSER: 'postgres', PGPASSWORD: 'wrong' }
    const { stderr } = await runProgram(['psql', '-Xc', 'select 1'], environment)
    expect(stderr).toContain('password authentication failed')
    await endpoint.close()
    await expect(stat(endpoint.socketPath ?? '')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('has no TLS there, whatever TCP has', async () => {
    const endpoint = await wire.listen({ tcp: null, socketDirectory: path('clear') })
    const client = await wire.connect(endpoint)
    client.expectBytes(1)
    client.send(untyped(int32(SSL_REQUEST)))
    expect(await client.bytes()).toBe('N')
  })

  test('takes the place of a dead program’s socket, and of nothing else', async () => {
    const socketDirectory = path('stale')
    const live = await wire.listen({ tcp: null, socketDirectory })
    await expect(wire.listen({ tcp: null, socketDirectory })).rejects.toMatchObject({ code: 'in-use' })
    await live.close()
    const dead = createServer().listen(join(socketDirectory, 'dead'))
    await once(dead, 'listening')
    await rename(join(socketDirectory, 'dead'), join(socketDirectory, '.s.PGSQL.5432'))
    dead.close()
    const endpoint = await wire.listen({ tcp: null, socketDirectory })
    expect((await stat(endpoint.socketPath ?? '')).isSocket()).toBe(true)
    const occupied = path('occupied')
    await wire.listen({ tcp: null, socketDirectory: occupied }).then((other) => other.close())
    await writeFile(join(occupied, '.s.PGSQL.5432'), 'mine')
    const refused = wire.listen({ tcp: null, socketDirectory: occupied })
    await expect(refused).rejects.toMatchObject({ code: 'already-exists' })
  })

  test('refuses directories that others can enter, and paths that the system cannot take', async () => {
    const open = path('open')
    await wire.listen({ tcp: null, socketDirectory: open }).then((endpoint) => endpoint.close())
    await chmod(open, 0o755)
    await expect(wire.listen({ socketDirectory: open })).rejects.toMatchObject({ code: 'permission-denied' })
    const long = wire.listen({ socketDirectory: path('x'.repeat(100)) })
    await expect(long).rejects.toMatchObject({ code: 'invalid-argument' })
    await writeFile(path('file'), '')
    const below = wire.listen({ socketDirectory: join(path('file'), 'below') })
    await expect(below).rejects.toMatchObject({ code: 'permission-denied' })
  })
})
