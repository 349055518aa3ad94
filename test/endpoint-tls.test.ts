/**
 * Goal: the endpoint of a host encrypts with the certificate that it is given, takes a new one without a restart, and
 * asks programs for certificates of their own. Method: a real host and engine, node-postgres over Node's TLS.
 */

import { chmodSync, writeFileSync } from 'node:fs'
import type { TLSSocket } from 'node:tls'
import pg from 'pg'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { present } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { startAsKept, type EndpointConnection, type EndpointOptions } from '../src/contract/endpoint.ts'
import { workbenchContract, type WorkbenchContract } from '../src/contract/workbench-contract.ts'
import { startHost, type WorkbenchHost } from '../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../src/rpc/memory-port.ts'
import { clientPortLimits } from '../src/rpc/message-codec.ts'
import { connectContract, type ContractClient } from '../src/rpc/rpc-client.ts'
import { openTimeoutMs } from './support/engine-fixture.ts'
import { expectNoLeaks } from './support/leak-check.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { TestAuthority } from './support/test-certificates.ts'

const endpointId = 'postgres'

describe('the TLS of an endpoint', { timeout: openTimeoutMs }, () => {
  expectNoLeaks()
  const path = temporaryDirectory()
  const connections: pg.Client[] = []
  const logged: string[] = []
  let host: WorkbenchHost | null = null
  let client: ContractClient<WorkbenchContract>
  let authority: TestAuthority
  let connection: EndpointConnection
  let count = 0

  beforeAll(async () => {
    authority = await TestAuthority.create()
  })
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((each) => each.end().catch(() => undefined)))
    client.dispose()
    await host?.stop()
    host = null
    logged.length = 0
  })

  async function open(change: Partial<EndpointOptions> = {}): Promise<void> {
    const write = (message: string): void => void logged.push(message)
    const log = { info: write, warn: write, error: write }
    const dataDirectory = path(`data-${count++}`)
    host = await startHost({ dataDirectory, shell: 'command', clock: systemClock, log })
    const [near, far] = createMemoryPorts(clientPortLimits)
    host.attach(far)
    client = connectContract(workbenchContract, near)
    const wanted = { name: 'shop', storage: 'memory', withSample: false } as const
    const { id: instanceId } = await client.call('instance.create', wanted)
    await configure(change)
    await client.call('endpoint.start', { endpointId, ...startAsKept, port: 0 })
    connection = await client.call('endpoint.connection', { endpointId, instanceId })
  }

  async function configure(change: Partial<EndpointOptions>): Promise<void> {
    const [endpoint] = await client.call('endpoint.list', null)
    const options = { ...present(endpoint, 'endpoint').options, ...change }
    await client.call('endpoint.configure', { endpointId, options })
  }

  async function putPair(): Promise<{ certificatePath: string; keyPath: string }> {
    const { certificate, key } = await authority.sign('CN=localhost')
    writeFileSync(path('server.crt'), certificate)
    writeFileSync(path('server.key'), key)
    chmodSync(path('server.key'), 0o600)
    return { certificatePath: path('server.crt'), keyPath: path('server.key') }
  }

  function putAuthority(): string {
    writeFileSync(path('clients.crt'), authority.certificate)
    return path('clients.crt')
  }

  async function connect(more: pg.ClientConfig = {}): Promise<pg.Client> {
    const { host: address, port, role, password, database } = connection
    const program = new pg.Client({ host: address, port, user: role, password, database, ...more })
    program.on('error', () => undefined)
    connections.push(program)
    await program.connect()
    return program
  }

  const codeOf = (connecting: Promise<unknown>): Promise<string> =>
    connecting.then(
      () => 'ok',
      (error: { readonly code?: string }) => error.code ?? 'no code',
    )

  /** Of the certificate that the endpoint showed. */
  function serialOf(program: pg.Client): string {
    const { stream } = Reflect.get(program, 'connection') as { stream: unknown }
    return (stream as TLSSocket).getPeerCertificate().serialNumber
  }

  it('is that of the given files, and that of others when they are replaced', async () => {
    await open({ certificate: await putPair(), tls: 'required' })
    const ssl = { ca: authority.certificate }
    const first = await connect({ ssl })
    expect((await first.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(serialOf(await connect({ ssl }))).toBe(serialOf(first))
    expect(connection.forms.find(({ kind }) => kind === 'url')?.text).toMatch(/\?sslmode=require$/)
    await putPair()
    const second = await connect({ ssl })
    expect(serialOf(second)).not.toBe(serialOf(first))
    // A file that is of no use is said to be, and what was there before goes on.
    writeFileSync(path('server.crt'), 'not a certificate')
    expect(serialOf(await connect({ ssl }))).toBe(serialOf(second))
    expect(logged.join('\n')).toContain('those from before stay in use')
    expect((await first.query('select 2 as two')).rows).toEqual([{ two: 2 }])
    expect(await codeOf(connect())).toBe('28000')
  })

  it('refuses settings that cannot work, and stays as it is', async () => {
    await open()
    const pair = await putPair()
    const missing = { ...pair, keyPath: path('none.key') }
    const refusals: [Partial<EndpointOptions>, string][] = [
      [{ certificate: missing }, 'does not exist'],
      [{ certificate: { ...pair, certificatePath: 'server.crt' } }, 'absolute'],
      [{ clientCertificates: { authorityPath: path('none.crt'), use: 'required' } }, 'does not exist'],
      [{ tls: 'off', clientCertificates: { authorityPath: putAuthority(), use: 'log-in' } }, 'need TLS'],
    ]
    for (const [change, message] of refusals) {
      await expect(configure(change), message).rejects.toThrow(message)
    }
    expect((await client.call('endpoint.list', null))[0]).toMatchObject({
      ...{ state: 'listening', options: { certificate: null, clientCertificates: null } },
    })
    await connect()
    const start = { endpointId, ...startAsKept, certificate: pair }
    await expect(client.call('endpoint.start', start)).rejects.toMatchObject({ code: 'conflict' })
    await client.call('endpoint.stop', { endpointId })
    await expect(client.call('endpoint.start', { ...start, certificate: missing })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    expect((await client.call('endpoint.list', null))[0]).toMatchObject({ state: 'failed' })
  })

  it('demands certificates of programs beside the password, or lets them log in', async () => {
    const authorityPath = putAuthority()
    await open({ certificate: await putPair(), clientCertificates: { authorityPath, use: 'required' } })
    const ca = authority.certificate
    const [{ certificate: cert, key }, stranger] = await Promise.all([
      authority.sign('CN=postgres'),
      (await TestAuthority.create('Another')).sign('CN=postgres'),
    ])
    const own = { ca, cert, key }
    await connect({ ssl: own })
    expect(await codeOf(connect())).toBe('28000')
    expect(await codeOf(connect({ ssl: { ca } }))).toBe('28000')
    expect(await codeOf(connect({ ssl: { ca, cert: stranger.certificate, key: stranger.key } }))).toBe(
      '28000',
    )
    expect(await codeOf(connect({ ssl: own, password: 'wrong' }))).toBe('28P01')
    await configure({ clientCertificates: { authorityPath, use: 'log-in' } })
    connection = { ...connection, port: present((await client.call('endpoint.list', null))[0]?.port, 'port') }
    const without = await connect({ ssl: own, password: 'wrong' })
    expect((await without.query('select current_user as role, system_user')).rows).toEqual([
      { role: 'postgres', system_user: 'cert:CN=postgres' },
    ])
    const shown = await without.query(
      'select ssl, version, bits > 0 as bits, client_dn, issuer_dn from pg_stat_ssl',
    )
    expect(shown.rows).toEqual([
      {
        ...{ ssl: true, version: 'TLSv1.3', bits: true },
        ...{ client_dn: '/CN=postgres', issuer_dn: '/CN=Test authority' },
      },
    ])
    const ann = await authority.sign('CN=ann')
    expect(await codeOf(connect({ ssl: { ca, cert: ann.certificate, key: ann.key } }))).toBe('28000')
  })

  it('lets in as many clients as it is set to', async () => {
    await open({ connectionsMax: 2 })
    const [first] = [await connect(), await connect()]
    expect(await codeOf(connect())).toBe('53300')
    await first.end()
    await expect.poll(() => codeOf(connect()), { timeout: openTimeoutMs }).toBe('ok')
  })
})
