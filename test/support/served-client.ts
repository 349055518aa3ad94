/**
 * A real host with an instance `shop` in memory and its web endpoint, and clients of it as a program has them: one host
 * for all tests of a file. Everything that a test opens is closed behind it.
 */

import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { WebSocket } from 'ws'
import { present } from '../../src/base/assert.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { ConnectOptions } from '../../src/client/connect-options.ts'
import { WardianClient } from '../../src/client/wardian-client.ts'
import type { TokenWish } from '../../src/contract/web-endpoint.ts'
import { startHost, type WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { nativeReaders } from '../../src/client/native-readers.ts'
import { connect, type WorkbenchClient } from './client-fixture.ts'
import { openTimeoutMs } from './engine-fixture.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface ServedClient {
  readonly workbench: WorkbenchClient
  readonly url: string
  readonly instanceId: string
  /** The secret of a new token. */
  token(wish?: Partial<TokenWish>): Promise<string>
  /** A client that may read and write, unless told otherwise. */
  open(options?: Partial<ConnectOptions>): Promise<WardianClient>
}

/** What is passed as the client's WebSocket, so that tests can take sockets away. */
export class BreakableSocket extends WebSocket {
  static readonly open = new Set<BreakableSocket>()

  constructor(url: string, protocols: string[]) {
    super(url, protocols)
    BreakableSocket.open.add(this)
    this.once('close', () => BreakableSocket.open.delete(this))
  }

  /** As when a cable is pulled. */
  static breakAll(): void {
    for (const socket of BreakableSocket.open) socket.terminate()
  }
}

/** Registers hooks. */
export function servedClient(): ServedClient {
  const path = temporaryDirectory()
  const clients: WardianClient[] = []
  const made: { host?: WorkbenchHost; workbench?: WorkbenchClient; url?: string; instanceId?: string } = {}
  const moduleOf = (name: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(readFileSync(new URL(`../../native-wasm/out/${name}.wasm`, import.meta.url)))
  const readers = nativeReaders({ textReader: moduleOf('text-reader'), frameCodec: moduleOf('frame-codec') })
  let secret: string | null = null

  beforeAll(async () => {
    made.host = await startHost({
      ...{ dataDirectory: path('data'), shell: 'command', clock: systemClock },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    made.workbench = connect(made.host)
    const instance = await made.workbench.call('instance.create', {
      ...{ name: 'shop', storage: 'memory', withSample: false },
    })
    made.instanceId = instance.id
    made.url = present((await made.workbench.call('web.start', { port: 0 })).url, 'the address')
    secret = await token()
  }, openTimeoutMs)
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })
  afterAll(async () => {
    made.workbench?.dispose()
    await made.host?.stop()
  }, openTimeoutMs)

  const workbench = (): WorkbenchClient => present(made.workbench, 'the host')
  const token = async (wish: Partial<TokenWish> = {}): Promise<string> => {
    const { secret: text } = await workbench().call('web.createToken', {
      ...{ label: 'test', instanceIds: null, access: 'read-write', role: 'postgres', expiresAtMs: null },
      ...wish,
    })
    return text
  }
  return {
    token,
    get workbench() {
      return workbench()
    },
    get url() {
      return present(made.url, 'the address')
    },
    get instanceId() {
      return present(made.instanceId, 'the instance')
    },
    async open(options = {}) {
      const { tokenProvider, ...rest } = options
      const credential = tokenProvider ? { tokenProvider } : { token: present(secret, 'the token') }
      const client = await WardianClient.open(
        {
          url: present(made.url, 'the address'),
          tenant: 'shop',
          webSocket: BreakableSocket,
          ...credential,
          ...rest,
        },
        await readers,
      )
      clients.push(client)
      return client
    },
  }
}
