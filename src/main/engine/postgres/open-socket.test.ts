/**
 * Goal: whoever cannot connect is told why and what to do, and nobody is connected who should not be: certificates are
 * checked as the mode says. Method: a server that only knows how to log in, with certificates of the test's own.
 */

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectionTo } from '../../../../test/support/remote-engine.ts'
import {
  backendMessage,
  errorMessage,
  LeanServer,
  letIn,
  type LeanServerOptions,
} from '../../../../test/support/lean-server.ts'
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts'
import { TestAuthority } from '../../../../test/support/test-certificates.ts'
import { toWireError } from '../../../contract/error.ts'
import type { RemoteConnection, TlsMode } from '../../../contract/remote-server.ts'
import { openSocket, type OpenedSocket } from './open-socket.ts'

const path = temporaryDirectory()
const waiting = { timeout: 60_000, interval: 10 }
const servers: LeanServer[] = []
const opened: OpenedSocket[] = []
let authority: TestAuthority
let stranger: TestAuthority

beforeAll(async () => {
  authority = await TestAuthority.create()
  stranger = await TestAuthority.create('Stranger')
  writeFileSync(path('ca.pem'), authority.certificate)
  writeFileSync(path('stranger.pem'), stranger.certificate)
})

afterEach(async () => {
  for (const { socket } of opened.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function listen(options: LeanServerOptions = {}): Promise<LeanServer> {
  const server = await LeanServer.listen(options)
  servers.push(server)
  return server
}

interface Wishes {
  readonly password?: string | null
  readonly timeoutMs?: number
}

async function open(
  server: LeanServer,
  fields: Partial<RemoteConnection> = {},
  { password = 'secret', timeoutMs = 60_000 }: Wishes = {},
): Promise<OpenedSocket> {
  const login = { connection: connectionTo(server.address, fields), password }
  const found = await openSocket(login, { applicationName: 'a test', timeoutMs })
  opened.push(found)
  return found
}

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string; sql: unknown }> {
  try {
    await work
  } catch (error) {
    return toWireError(error)
  }
  throw new Error('Nothing failed')
}

describe('the certificate of a server', () => {
  async function secured(expiredMs = 0): Promise<LeanServer> {
    return listen({ tls: await authority.sign('CN=server', expiredMs) })
  }

  it.each<[TlsMode, boolean, string | null]>([
    ['disable', false, null],
    ['prefer', false, 'TLSv1.3'],
    ['require', false, 'TLSv1.3'],
    ['require', true, 'TLSv1.3'],
    ['verify-ca', true, 'TLSv1.3'],
    ['verify-full', true, 'TLSv1.3'],
  ])('is accepted with %s (CA file: %s)', async (tlsMode, hasFile, encryption) => {
    const caFile = hasFile ? path('ca.pem') : null
    expect((await open(await secured(), { tlsMode, caFile })).encryption).toBe(encryption)
  })

  it.each<[TlsMode, string | null, string]>([
    ['verify-full', null, 'authority that is not known'],
    ['verify-ca', 'stranger.pem', 'authority that is not known'],
    ['require', 'stranger.pem', 'authority that is not known'],
  ])('is refused with %s when %s did not sign it', async (tlsMode, file, words) => {
    const caFile = file === null ? null : path(file)
    const { code, message } = await failure(open(await secured(), { tlsMode, caFile }))
    expect([code, message]).toEqual(['unreachable', expect.stringContaining(words)])
    expect(message).toContain('give the CA certificate')
  })

  it('is refused for another name, which `verify-ca` forgives', async () => {
    const server = await secured()
    const fields = { host: 'localhost', caFile: path('ca.pem') }
    const { code, message } = await failure(open(server, { ...fields, tlsMode: 'verify-full' }))
    expect([code, message]).toEqual([
      'unreachable',
      expect.stringContaining('for other names than localhost'),
    ])
    expect((await open(server, { ...fields, tlsMode: 'verify-ca' })).encryption).toBe('TLSv1.3')
  })

  it('is refused when it has expired', async () => {
    const server = await secured(60_000)
    const { message } = await failure(open(server, { tlsMode: 'verify-ca', caFile: path('ca.pem') }))
    expect(message).toContain('has expired')
  })

  it('is answered with one of ours where the server asks for it', async () => {
    const { certificate, key } = await authority.sign('CN=ada')
    writeFileSync(path('ada.pem'), certificate)
    writeFileSync(path('ada.key'), key)
    const server = await listen({
      tls: { ...(await authority.sign('CN=server')), clientAuthority: authority.certificate },
    })
    await open(server, { tlsMode: 'require', certificateFile: path('ada.pem'), keyFile: path('ada.key') })
    expect(server.shown).toEqual(['ada'])
  })
})

describe('a server without TLS', () => {
  it('is spoken to in the clear only where that is preferred or chosen', async () => {
    const server = await listen()
    expect((await open(server, { tlsMode: 'prefer' })).encryption).toBe(null)
    expect((await open(server, { tlsMode: 'disable' })).encryption).toBe(null)
    const { code, message } = await failure(open(server, { tlsMode: 'require' }))
    expect([code, message]).toEqual(['unreachable', expect.stringContaining('offers no TLS')])
  })
})

describe('the files of TLS', () => {
  it.each([
    { name: 'missing.pem', text: '', code: 'not-found', words: 'does not exist' },
    { name: 'words.pem', text: 'words', code: 'invalid-argument', words: 'no PEM file' },
    {
      ...{ name: 'locked.pem', text: '-----BEGIN ENCRYPTED PRIVATE KEY-----' },
      ...{ code: 'unsupported', words: 'without a passphrase' },
    },
  ])('$name is named with what is wrong', async ({ name, text, code, words }) => {
    if (text !== '') writeFileSync(path(name), text)
    const server = await listen()
    const error = await failure(open(server, { tlsMode: 'verify-full', caFile: path(name) }))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)])
    expect(error.message).toContain(path(name))
  })
})

describe('a connection that cannot be made', () => {
  it('to a port where nobody listens', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const address = free.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    free.close()
    await once(free, 'close')
    const { code, message } = await failure(open(await listen(), { port }))
    expect([code, message]).toEqual(['unreachable', expect.stringContaining('Nothing listens there')])
  })

  it('to a name that there is not', async () => {
    const { code, message } = await failure(open(await listen(), { host: 'no-such-host.invalid' }))
    expect([code, message]).toEqual(['unreachable', expect.stringContaining('no-such-host.invalid:')])
    expect(message).toMatch(/no host of that name|could not be resolved/)
  })

  it('to a socket that there is not', async () => {
    const { message } = await failure(open(await listen(), { host: path('no-directory') }))
    expect(message).toContain('There is no such socket')
  })

  it('to a server that says nothing, within its bound', async () => {
    const { code, message } = await failure(open(await listen({ isSilent: true }), {}, { timeoutMs: 300 }))
    expect([code, message]).toEqual(['unreachable', expect.stringContaining('did not answer within 0.3 s')])
  })

  it.each([
    ['says nothing', { isSilent: true }],
    ['is slow to let in', { onStartup: () => undefined }],
  ])('that is cancelled while the server %s, at once, and nothing is left of it', async (_what, options) => {
    const server = await listen(options)
    const cancelling = new AbortController()
    const login = { connection: connectionTo(server.address), password: 'secret' }
    const { signal } = cancelling
    const opening = openSocket(login, { applicationName: 'a test', timeoutMs: 600_000, signal })
    const told = failure(opening)
    await vi.waitFor(() => expect(server.socketCount).toBe(1), waiting)
    cancelling.abort()
    expect(await told).toMatchObject({ code: 'cancelled' })
    await vi.waitFor(() => expect(server.socketCount).toBe(0), waiting)
    const again = openSocket(login, { applicationName: 'a test', timeoutMs: 600_000, signal })
    expect(await failure(again)).toMatchObject({ code: 'cancelled' })
  })

  it('to a server that closes, or is none', async () => {
    const closing = await listen({ onStartup: (socket) => socket.destroy() })
    const other = await listen({ onStartup: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') })
    for (const server of [closing, other]) {
      expect(await failure(open(server, {}, { timeoutMs: 2_000 }))).toMatchObject({ code: 'unreachable' })
    }
  })
})

describe('a log-in', () => {
  it('tells what the server refuses in its own words, with what to do', async () => {
    const fields = { S: 'FATAL', V: 'FATAL', C: '28P01', M: 'password authentication failed for user "ada"' }
    const server = await listen({ onStartup: (socket) => socket.end(errorMessage(fields)) })
    expect(await failure(open(server))).toMatchObject({
      code: 'sql-error',
      message: fields.M,
      sql: { code: '28P01', severity: 'FATAL', hint: 'Check the user and the password.' },
    })
  })

  it('asks for a password only where the server does', async () => {
    const asking = await listen({
      onStartup: (socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])),
    })
    const { code, message } = await failure(open(asking, {}, { password: null }))
    expect([code, message]).toEqual(['unauthorized', expect.stringContaining('asks for the password of ada')])
    expect((await open(await listen(), {}, { password: null })).processId).toBe(7)
  })

  it('names the encoding and what the user has chosen in its first packet', async () => {
    const server = await listen()
    const { parameters, tellsReadOnly } = await open(server, { isReadOnly: true })
    expect(Object.fromEntries(server.startups[0] ?? [])).toEqual({
      ...{ user: 'ada', database: 'shop', application_name: 'a test', client_encoding: 'UTF8' },
      default_transaction_read_only: 'on',
    })
    expect([parameters.get('server_version'), tellsReadOnly]).toEqual(['17.2 (Lean)', true])
    expect((await open(server)).tellsReadOnly).toBe(false)
  })

  it('believes a server that says that it is read-only', async () => {
    const server = await listen({
      onStartup: (socket) => {
        socket.write(backendMessage('S', Buffer.from('default_transaction_read_only\0on\0')))
        letIn(socket)
      },
    })
    expect((await open(server, { isReadOnly: true })).tellsReadOnly).toBe(false)
  })

  it('tells each transaction what a pooler does not let it name', async () => {
    const refusal = {
      S: 'FATAL',
      C: '08P01',
      M: 'unsupported startup parameter: default_transaction_read_only',
    }
    const server = await listen({
      onStartup: (socket, parameters) => {
        if (parameters.has('default_transaction_read_only')) socket.end(errorMessage(refusal))
        else letIn(socket)
      },
    })
    expect((await open(server, { isReadOnly: true })).tellsReadOnly).toBe(true)
  })
})
