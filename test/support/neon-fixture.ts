/**
 * `/v2` and `/sql` over a host's real sessions, behind a server of the test's own that does no more than hand over what
 * it accepts: one host for all tests of a file. Tokens are made by the test.
 */

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { neonConfig } from '@neondatabase/serverless'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { present } from '../../src/base/assert.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Emitter } from '../../src/base/event.ts'
import { WorkbenchError } from '../../src/contract/error.ts'
import { createNeonRoutes } from '../../src/main/endpoints/neon/neon-routes.ts'
import { ClientRegistry } from '../../src/main/endpoints/postgres/client-registry.ts'
import { TrafficMeter } from '../../src/main/endpoints/postgres/traffic-meter.ts'
import type { TokenGrant, WebAccess, WebRoutes } from '../../src/main/endpoints/web/web-access.ts'
import { mintToken } from '../../src/main/endpoints/web/web-token.ts'
import { startHost, type WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { openTimeoutMs } from './engine-fixture.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { memoryWorkbench } from './wire-workbench.ts'

/** For what takes a moment, on a machine that is busy with something else. */
export const waitMs = { timeout: 30_000 }

/** Tokens of a test, and what they open. */
class ScriptedAccess implements WebAccess {
  readonly grants = new Map<string, TokenGrant>()
  readonly #revoked = new Emitter<{ readonly tokenId: string }>()
  readonly onDidRevoke = this.#revoked.event
  readonly #host: () => WorkbenchHost
  /** Wrong tokens so far, after which there is no other attempt; null: as many as one likes. */
  attemptsMax: number | null = null
  attempts = 0

  constructor(host: () => WorkbenchHost) {
    this.#host = host
  }

  grant(changes: Partial<TokenGrant> = {}): string {
    const token = mintToken()
    const tokenId = `token-${this.grants.size}`
    const all = { tenants: null, access: 'read-write', role: 'postgres', expiresAtMs: null } as const
    this.grants.set(token, { tokenId, ...all, ...changes })
    return token
  }

  revoke(token: string): void {
    const { tokenId } = present(this.grants.get(token), 'the token')
    this.grants.delete(token)
    this.#revoked.fire({ tokenId })
  }

  authenticate(token: string): Promise<TokenGrant | null> {
    if (this.attemptsMax !== null && this.attempts >= this.attemptsMax) {
      return Promise.reject(new WorkbenchError('limit-exceeded', 'Too many wrong tokens: try again later'))
    }
    const found = this.grants.get(token) ?? null
    if (found === null) this.attempts += 1
    return Promise.resolve(found)
  }

  backend(tenant: string, { tenants }: TokenGrant): ReturnType<WebAccess['backend']> {
    const isSeen = tenants === null || tenants.includes(tenant)
    return Promise.resolve(isSeen ? this.#host().wireServer(tenant) : null)
  }
}

export interface NeonFixture {
  readonly host: WorkbenchHost
  readonly access: ScriptedAccess
  readonly clients: ClientRegistry
  readonly meter: TrafficMeter
  readonly port: number
  /** What the routes have logged, lines and defects. */
  readonly log: string[]
  /** A connection string with a token that may do everything, or `token`. */
  url(token?: string): string
}

/** Registers hooks for the tests of a file. `neonConfig` points to the server, and is as it was before each test. */
export function neonFixture(): NeonFixture {
  const path = temporaryDirectory()
  const made: { host?: WorkbenchHost; server?: Server; routes?: WebRoutes; owner?: string } = {}
  const host = (): WorkbenchHost => present(made.host, 'the host')
  const clients = new ClientRegistry(systemClock, 500)
  const meter = new TrafficMeter()
  const access = new ScriptedAccess(host)
  const log: string[] = []
  const port = (): number => (present(made.server, 'the server').address() as AddressInfo).port
  beforeAll(async () => {
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    await memoryWorkbench(made.host, 'shop')
    made.owner = access.grant()
    made.routes = createNeonRoutes({
      ...{ access, clients, meter, clock: systemClock, epoch: 'test' },
      log: {
        info: (message) => log.push(message),
        error: (message, error) => log.push(`${message}: ${String(error)}`),
      },
    })
    made.server = serve(made.routes)
    await new Promise<void>((resolve) => made.server?.listen(0, '127.0.0.1', resolve))
    configure()
  }, openTimeoutMs)
  const configure = (): void => {
    neonConfig.wsProxy = `127.0.0.1:${port()}/v2`
    neonConfig.fetchEndpoint = `http://127.0.0.1:${port()}/sql`
    neonConfig.useSecureWebSocket = false
    neonConfig.pipelineConnect = 'password'
    neonConfig.coalesceWrites = true
    neonConfig.poolQueryViaFetch = false
  }
  beforeEach(configure)
  afterEach(async () => {
    await vi.waitFor(() => expect(clients.list()).toEqual([]), waitMs)
    expect(log.splice(0)).toEqual([])
  })
  afterAll(async () => {
    clients.disconnectAll()
    await made.routes?.close()
    made.server?.closeAllConnections()
    made.server?.close()
    clients.dispose()
    await made.host?.stop()
  })
  return {
    ...{ access, clients, log, meter },
    get host() {
      return host()
    },
    get port() {
      return port()
    },
    url: (token = present(made.owner, 'the token')) => `postgres://app:${token}@127.0.0.1:${port()}/shop`,
  }
}

/** No guard at all: those are the real server's. */
function serve({ sockets, requests }: WebRoutes): Server {
  const server = createServer((request, response) => {
    const route = requests[pathOf(request)]
    if (!route) response.writeHead(404).end()
    else void route.answer({ ...about(request), request }, response)
  })
  server.on('upgrade', (request, socket, head) => {
    const route = present(sockets[pathOf(request)], 'the route')
    const upgrades = new WebSocketServer({ noServer: true, maxPayload: route.messageBytesMax })
    upgrades.handleUpgrade(request, socket, head, (accepted) => {
      route.accept({ ...about(request), request, socket: accepted })
    })
  })
  return server
}

function about({ socket }: IncomingMessage): {
  address: string | null
  port: number | null
  isEncrypted: false
  encryption: null
  clientCertificate: null
} {
  const { remoteAddress = null, remotePort = null } = socket
  const plain = { isEncrypted: false, encryption: null, clientCertificate: null } as const
  return { address: remoteAddress, port: remotePort, ...plain }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return new URL(url, 'http://localhost').pathname
}
