/**
 * Makes a connection: asks for a token, opens a socket, says hello, all within a bound. The token is passed on and not
 * kept, and is in no error. Knows no pool.
 */

import type { Clock } from '../base/clock.ts'
import type { HelloOkData } from '../protocol/answer-frame.ts'
import type { MakeFrameCodec } from '../../native-wasm/js/frame-codec.ts'
import type { Encoding } from '../protocol/protocol-limits.ts'
import { Connection, type ConnectionEvents } from './connection.ts'
import { createCodec } from './envelope-codec.ts'
import type { TokenStore } from './token-store.ts'
import { WardianError } from './wardian-error.ts'
import { closedError, type WebSocketConstructor, type WebSocketLike } from './web-socket.ts'

/** A subscription that is to be taken up again (docs/protocol.md, "Subscriptions"). */
export interface ResumeEntry {
  readonly subscription: string
  readonly last_event_id: number
  readonly socket_id: string
}

/** What every connection of a client is made from. */
export interface ConnectionSource {
  readonly url: string
  readonly webSocket: WebSocketConstructor
  readonly encoding: Encoding
  readonly makeFrameCodec: MakeFrameCodec
  readonly tenant: string
  readonly clientName: string
  readonly tokens: TokenStore
  readonly clock: Clock
  readonly connectTimeoutMs: number
}

/** What the hello said besides: which subscriptions go on, and which do not. */
export interface HelloAnswer extends HelloOkData {
  readonly resumed?: readonly string[]
  readonly must_refetch?: readonly string[]
}

/** Opens one; rejects with a WardianError, and leaves nothing open then. */
export async function openConnection(
  source: ConnectionSource,
  events: ConnectionEvents,
  resume: readonly ResumeEntry[] = [],
): Promise<Connection> {
  const token = await source.tokens.get()
  const codec = createCodec(source.encoding, source.makeFrameCodec)
  const socket = new source.webSocket(source.url, [codec.subprotocol])
  socket.binaryType = 'arraybuffer'
  const deadline = timeout(source, socket)
  let connection: Connection | null = null
  try {
    await Promise.race([opened(socket), deadline.failed])
    connection = new Connection({ socket, codec, clock: source.clock, events })
    await Promise.race([greet(connection, source, { token, resume }), deadline.failed])
    return connection
  } catch (error) {
    socket.close()
    // A hello that got no answer has no effect that anybody could wonder about.
    throw connection?.end ?? error
  } finally {
    deadline.timer.dispose()
  }
}

/** Says hello, at first or again with a newer token. */
export async function greet(
  connection: Connection,
  source: ConnectionSource,
  { token, resume = [] }: { readonly token: string; readonly resume?: readonly ResumeEntry[] },
): Promise<HelloAnswer> {
  const data = { token, client: source.clientName, ...(resume.length > 0 && { resume }) }
  const answer = await connection.ask({ type: 'hello', tenant: source.tenant, data })
  if (typeof answer.data !== 'object' || answer.data === null) {
    throw new WardianError('broken_answer', 'The endpoint answered the hello without data')
  }
  // The endpoint is trusted to keep to the protocol.
  const hello = answer.data as HelloAnswer
  connection.hello = hello
  source.tokens.expiresAt(hello.token_expires_at_ms)
  return hello
}

function opened(socket: WebSocketLike): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    // Says nothing by itself; the close that follows does, and a listener must be there for `ws`.
    socket.addEventListener('error', () => undefined)
    socket.addEventListener('close', ({ code }) => {
      const refused = 'No connection: nothing listens there, or the endpoint refused (its log says why)'
      const isRefused = code === 1006
      reject(
        isRefused ? new WardianError('connection_lost', refused, { isRetryable: true }) : closedError(code),
      )
    })
  })
}

function timeout(source: ConnectionSource, socket: WebSocketLike) {
  let fail: (error: WardianError) => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => (fail = reject))
  // Nobody waits for it any more once the connection is there.
  failed.catch(() => undefined)
  const timer = source.clock.after(source.connectTimeoutMs, () => {
    const message = `No connection within ${source.connectTimeoutMs} ms`
    fail(new WardianError('connection_lost', message, { isRetryable: true }))
    socket.close()
  })
  return { failed, timer }
}
