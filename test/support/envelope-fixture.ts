/**
 * The envelope protocol for tests: a real host with an instance `shop`, a real WebSocket server in front of it, and
 * clients that send what they are told and keep every frame.
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { present } from '../../src/base/assert.ts'
import { systemClock, type Clock } from '../../src/base/clock.ts'
import { openDisposables } from '../../src/base/disposable.ts'
import { Emitter } from '../../src/base/event.ts'
import { createEnvelopeRoutes } from '../../src/main/endpoints/envelope/envelope-routes.ts'
import { ClientRegistry } from '../../src/main/endpoints/postgres/client-registry.ts'
import { TrafficMeter } from '../../src/main/endpoints/postgres/traffic-meter.ts'
import type { TokenGrant, WebAccess, WebContext } from '../../src/main/endpoints/web/web-access.ts'
import { startHost, type WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { EnvelopeClient, type ClientOptions } from './envelope-client.ts'
import { openTimeoutMs } from './engine-fixture.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { memoryWorkbench } from './wire-workbench.ts'

export interface EnvelopeFixture {
  readonly host: WorkbenchHost
  readonly port: number
  readonly clients: ClientRegistry
  readonly meter: TrafficMeter
  readonly tokens: Map<string, TokenGrant>
  readonly revoked: Emitter<{ readonly tokenId: string }>
  readonly routes: ReturnType<typeof createEnvelopeRoutes>
  /** What was reported as a defect; a test that provokes some takes them out. */
  readonly defects: unknown[]
  readonly lines: string[]
  /** A socket that has said hello, unless told otherwise. */
  connect(options?: Partial<ClientOptions>): Promise<EnvelopeClient>
  /** A socket alone. */
  socket(encoding?: 'json' | 'msgpack'): Promise<WebSocket>
  /** What waits for turns of the event loop until the condition holds. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>
}

export const writer: TokenGrant = {
  ...{ tokenId: 'w', tenants: null, access: 'read-write', role: 'postgres', expiresAtMs: null },
}

/** What every test gives back. */
const countedKinds = ['envelope-socket', 'envelope-session', 'wire-conversation', 'engine-conversation']

/** Polls of 5 ms: a minute of a busy machine. */
const pollsMax = 12_000

export function envelopeFixture(clock: Clock = systemClock): EnvelopeFixture {
  const path = temporaryDirectory()
  const made: Partial<Mutable<EnvelopeFixture>> & { server?: ReturnType<typeof createServer> } = {}
  const tokens = new Map<string, TokenGrant>([['secret', writer]])
  const revoked = new Emitter<{ readonly tokenId: string }>()
  const meter = new TrafficMeter()
  const defects: unknown[] = []
  const lines: string[] = []
  const opened: EnvelopeClient[] = []
  const sockets: WebSocket[] = []
  const access: WebAccess = {
    authenticate: (token) => Promise.resolve(tokens.get(token) ?? null),
    onDidRevoke: revoked.event,
    backend: (tenant, { tenants }) =>
      Promise.resolve(
        tenants === null || tenants.includes(tenant) ? (made.host?.followable(tenant) ?? null) : null,
      ),
  }
  beforeAll(async () => {
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    await memoryWorkbench(made.host, 'shop')
    made.clients = new ClientRegistry(systemClock, 500)
    const log = {
      info: (line: string) => void lines.push(line),
      error: (_message: string, error: unknown) => void defects.push(error),
    }
    const context: WebContext = {
      ...{ access, clients: made.clients, meter, clock, log, epoch: 'this-start' },
    }
    made.routes = createEnvelopeRoutes(context)
    made.server = await serve(made.routes)
    made.port = (made.server.address() as AddressInfo).port
  }, openTimeoutMs)
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((client) => client.close()))
    for (const socket of sockets.splice(0)) socket.terminate()
    const left = (): string[] => Object.keys(openDisposables()).filter((kind) => countedKinds.includes(kind))
    // A session that was still being opened gives up its place when it has been.
    await until(() => left().length === 0 && made.clients?.size === 0)
    expect(defects.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await made.routes?.close()
    made.server?.close()
    made.clients?.dispose()
    await made.host?.stop()
  })
  const socket = async (encoding: 'json' | 'msgpack' = 'json'): Promise<WebSocket> => {
    const opening = new WebSocket(`ws://127.0.0.1:${made.port}/v1`, `wardian.v1.${encoding}`)
    sockets.push(opening)
    await once(opening, 'open')
    return opening
  }
  return {
    ...{ meter, tokens, revoked, defects, lines, socket, until },
    get host() {
      return present(made.host, 'the host')
    },
    get port() {
      return present(made.port, 'the port')
    },
    get clients() {
      return present(made.clients, 'the registry')
    },
    get routes() {
      return present(made.routes, 'the routes')
    },
    async connect(options = {}) {
      const { encoding = 'json' } = options
      const client = new EnvelopeClient(await socket(encoding), { encoding, ...options })
      opened.push(client)
      if (options.token !== null) await client.hello(options.token ?? 'secret')
      return client
    },
  }
}

/** The server that stands in front of the routes in the product is tested by itself. */
async function serve(
  routes: ReturnType<typeof createEnvelopeRoutes>,
): Promise<ReturnType<typeof createServer>> {
  const route = present(routes.sockets['/v1'], 'the route')
  const server = createServer()
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: route.messageBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (accepted) =>
      route.accept({
        ...{ socket: accepted, request, address: '127.0.0.1', port: request.socket.remotePort ?? null },
        ...{ isEncrypted: false, encryption: null, clientCertificate: null },
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let poll = 0; !(await condition()); poll += 1) {
    if (poll === pollsMax) throw new Error('The condition never held')
    const turn = Promise.withResolvers<void>()
    setTimeout(() => turn.resolve(), 5)
    await turn.promise
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
