/**
 * Goal: encryption as Postgres negotiates it, with and without certificates of clients, and nothing taken in clear
 * for something encrypted. Method: psql against a real engine where libpq can do it; a client played by hand where
 * it cannot (direct TLS, injected bytes).
 */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { RawWireClient, short } from '../../../../test/support/raw-wire-client.ts'
import { runProgram, type ProgramResult } from '../../../../test/support/run-program.ts'
import { TestAuthority } from '../../../../test/support/test-certificates.ts'
import { wireFixture } from '../../../../test/support/wire-fixture.ts'
import { int32, SSL_REQUEST, startup, untyped } from '../../../../test/support/wire/frontend-messages.ts'
import type { PostgresEndpoint } from './postgres-endpoint.ts'
import { selfMadeCertificate, type SelfMadeCertificate } from './self-made-certificate.ts'
import type { ClientCertificates, TlsOptions } from './tls-acceptor.ts'

const sslRequest = untyped(int32(SSL_REQUEST))

describe('an endpoint with TLS', () => {
  const wire = wireFixture()
  let authority: TestAuthority
  let made: SelfMadeCertificate

  beforeAll(async () => {
    authority = await TestAuthority.create()
  })

  async function listen(options: Partial<TlsOptions> = {}): Promise<PostgresEndpoint> {
    made = await selfMadeCertificate(join(wire.directory(), 'tls'), systemClock)
    const { certificate, key } = made
    const tls = { certificate, key, isRequired: false, clientCertificates: null, ...options }
    return wire.listen({ tls })
  }

  async function psql(endpoint: PostgresEndpoint, more: Record<string, string> = {}): Promise<ProgramResult> {
    const environment = { ...wire.environment(endpoint), PGCONNECT_TIMEOUT: '20', ...more }
    return runProgram(['psql', '-XAtc', 'select 6 * 7'], environment)
  }

  async function certificateOf(name: string, expiredMs = 0, by = authority): Promise<Record<string, string>> {
    const directory = wire.directory()
    const { certificate, key } = await by.sign(`CN=${name}`, expiredMs)
    const paths = { PGSSLCERT: join(directory, 'c.crt'), PGSSLKEY: join(directory, 'c.key') }
    await writeFile(paths.PGSSLCERT, certificate, { mode: 0o600 })
    await writeFile(paths.PGSSLKEY, key, { mode: 0o600 })
    return paths
  }

  const worked = { exitCode: 0, stdout: '42\n', stderr: '' }

  test('serves psql with every sslmode, and with channel binding', async () => {
    const endpoint = await listen()
    for (const PGSSLMODE of ['disable', 'allow', 'prefer', 'require']) {
      expect(await psql(endpoint, { PGSSLMODE }), PGSSLMODE).toEqual(worked)
    }
    const PGSSLROOTCERT = made.path
    for (const PGSSLMODE of ['verify-ca', 'verify-full']) {
      const settings = { PGSSLMODE, PGSSLROOTCERT, PGCHANNELBINDING: 'require' }
      expect(await psql(endpoint, settings), PGSSLMODE).toEqual(worked)
    }
    const stranger = { PGSSLMODE: 'verify-ca', PGSSLROOTCERT: join(wire.directory(), 'ca.crt') }
    await writeFile(stranger.PGSSLROOTCERT, authority.certificate)
    expect((await psql(endpoint, stranger)).stderr).toContain('certificate verify failed')
    const unbound = await psql(endpoint, { PGSSLMODE: 'disable', PGCHANNELBINDING: 'require' })
    expect(unbound.stderr).toContain('channel binding')
    const wrong = await psql(endpoint, { PGSSLMODE: 'require', PGPASSWORD: 'wrong' })
    expect(wrong.stderr).toContain('password authentication failed for user "postgres"')
  })

  test('serves psql with a certificate that it was given', async () => {
    const endpoint = await listen(await authority.sign('CN=localhost'))
    const PGSSLROOTCERT = join(wire.directory(), 'ca.crt')
    await writeFile(PGSSLROOTCERT, authority.certificate)
    const settings = { PGSSLMODE: 'verify-full', PGSSLROOTCERT, PGCHANNELBINDING: 'require' }
    expect(await psql(endpoint, settings)).toEqual(worked)
    const misnamed = await listen(await authority.sign('CN=elsewhere'))
    const otherName = { ...settings, PGHOST: 'localhost', PGHOSTADDR: '127.0.0.1' }
    expect((await psql(misnamed, otherName)).stderr).toContain('does not match host name "localhost"')
    expect(await psql(misnamed, { ...otherName, PGSSLMODE: 'verify-ca' })).toEqual(worked)
    const mismatched = { ...(await authority.sign('CN=a')), key: (await authority.sign('CN=b')).key }
    await expect(listen(mismatched)).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(listen({ certificate: 'nonsense' })).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  test('can demand it', async () => {
    const endpoint = await listen({ isRequired: true })
    expect(await psql(endpoint, { PGSSLMODE: 'require' })).toEqual(worked)
    const refused = await psql(endpoint, { PGSSLMODE: 'disable' })
    expect(refused.stderr).toContain('this endpoint takes encrypted connections only')
  })

  test('can demand certificates of clients, beside the password or in its place', async () => {
    const clientCertificates = (use: ClientCertificates['use']): Partial<TlsOptions> => ({
      clientCertificates: { authority: authority.certificate, use },
    })
    const good = await certificateOf('postgres')
    const other = await certificateOf('somebody')
    const expired = await certificateOf('postgres', 60_000)
    const foreign = await certificateOf('postgres', 0, await TestAuthority.create('Another authority'))
    const forged = await certificateOf('postgres', 0, await TestAuthority.create())
    const PGSSLMODE = 'require'
    const required = await listen(clientCertificates('required'))
    expect(await psql(required, { PGSSLMODE, ...good })).toEqual(worked)
    expect(await psql(required, { PGSSLMODE, ...other })).toEqual(worked)
    expect((await psql(required, { PGSSLMODE, ...good, PGPASSWORD: 'x' })).stderr).toContain('password')
    for (const wrong of [expired, foreign, {}]) {
      const { stderr } = await psql(required, { PGSSLMODE, ...wrong })
      expect(stderr).toContain('connection requires a valid client certificate')
    }
    // A signature that is wrong, under the authority's own name, ends the handshake.
    expect(await psql(required, { PGSSLMODE, ...forged })).toMatchObject({ exitCode: 2, stdout: '' })
    expect((await psql(required, { PGSSLMODE: 'disable' })).stderr).toContain('valid client certificate')
    const PGPASSWORD = 'never asked for'
    const logIn = await listen(clientCertificates('log-in'))
    expect(await psql(logIn, { PGSSLMODE, ...good, PGPASSWORD })).toEqual(worked)
    const { stderr } = await psql(logIn, { PGSSLMODE, ...other, PGPASSWORD })
    expect(stderr).toContain('certificate authentication failed for user "postgres"')
  })

  test('refuses what was sent in clear behind the request for encryption', async () => {
    const endpoint = await listen()
    const socket = connectTcp(endpoint.port, '127.0.0.1')
    const client = new RawWireClient(socket)
    client.send(sslRequest, startup(3 << 16, { user: 'postgres' }))
    expect(await client.rest()).toBe('E(08P01)')
    await client.close()
  })

  async function direct(endpoint: PostgresEndpoint, options: ConnectionOptions): Promise<TLSSocket> {
    const socket = connectTls({
      port: endpoint.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...options,
    })
    await once(socket, 'secureConnect')
    return socket
  }

  test('takes TLS without a request, by the name of the protocol', async () => {
    const endpoint = await listen({ isRequired: true })
    const client = new RawWireClient(await direct(endpoint, { ALPNProtocols: ['postgresql'] }))
    expect(short(await client.logIn({ password: wire.password }))).toBe('R(10)R(11)R(12)R(0)SKZ(I)')
    expect(endpoint.clients.list()).toMatchObject([{ isEncrypted: true, state: 'idle' }])
    await client.close()
    const nameless = new RawWireClient(await direct(endpoint, {}))
    expect(await nameless.rest()).toBe('E(08P01)')
    await nameless.close()
    await expect(direct(endpoint, { ALPNProtocols: ['h2'] })).rejects.toThrow('no application protocol')
    const inside = new RawWireClient(await direct(endpoint, { ALPNProtocols: ['postgresql'] }))
    inside.send(sslRequest)
    expect(await inside.rest()).toBe('E(08P01)')
    await inside.close()
  })

  test('closes on a handshake that is none, and serves the next client', async () => {
    const endpoint = await listen()
    for (const garbage of [Buffer.from('GET / HTTP/1.0\r\n\r\n'), Buffer.alloc(300)]) {
      const socket = connectTcp(endpoint.port, '127.0.0.1')
      const client = new RawWireClient(socket)
      client.expectBytes(1)
      client.send(sslRequest)
      expect(await client.bytes()).toBe('S')
      client.expectBytes(1_000)
      client.send(garbage)
      await client.bytes()
      await client.close()
    }
    expect(await psql(endpoint, { PGSSLMODE: 'require' })).toEqual(worked)
  })
})
