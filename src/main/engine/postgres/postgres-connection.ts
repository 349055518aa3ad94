/**
 * One open connection to a server, read and written as protocol messages: rows go to the decoder as the bytes they
 * are, everything else to whoever listens at the moment. Knows no statement, and nothing of how it was opened.
 */

import type { Socket } from 'node:net'
import { onDispose, type Disposable } from '../../../base/disposable.ts'
import { Emitter } from '../../../base/event.ts'
import { WorkbenchError, type SqlErrorFields } from '../../../contract/error.ts'
import type { RemoteConnection } from '../../../contract/remote-server.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import { createRowDecoder } from '../../../../native-wasm/js/create-row-decoder.ts'
import {
  DecodeError,
  type BackendMessage,
  type LargeRow,
  type RowDecoder,
} from '../../../../native-wasm/js/row-decoder.ts'
import type { EngineNotification } from '../engine.ts'
import * as backend from '../protocol/backend-message.ts'
import type { Pieces } from '../protocol/frontend-message.ts'
import { farewell, lossOf } from './connection-failure.ts'
import type { OpenedSocket } from './open-socket.ts'

/** What is written at once: encrypting it takes well under a millisecond. */
const writeBytesMax = 256 << 10

/** Rows from here on are collected and encoded in steps, because encoding takes a millisecond for a megabyte. */
const largeRowBytesMin = 4 << 20

/** Who looks at what the server sends while something runs. */
export interface ConnectionListener {
  /** Any message but DataRow, notices, notifications and parameters. Rows before it are pending in the decoder. */
  onMessage(message: BackendMessage): void
  /** More rows are pending than before. */
  onRows(): void
  onRowTooLarge(error: DecodeError): void
  /** Whether rows of many megabytes, which are encoded already, are for it. */
  readonly takesLargeRows: boolean
  /** One row, behind those that are pending in the decoder; or a line of COPY, as a row of one text. */
  onLargeRow(batch: ArrayBuffer, isLine: boolean): void
  onNotice(notice: SqlErrorFields, costBytes: number): void
  /** Nothing follows. */
  onLost(error: WorkbenchError): void
}

export class PostgresConnection implements Disposable {
  readonly processId: number
  readonly secretKey: number
  readonly encryption: string | null
  readonly ssl: OpenedSocket['ssl']
  /** As OpenedSocket. */
  readonly tellsReadOnly: boolean
  readonly server: RemoteConnection
  /** As the server reports them, now. */
  readonly parameters: Map<string, string>
  readonly decoder: RowDecoder = createRowDecoder()
  readonly #socket: Socket
  readonly #tracking: Disposable
  readonly #didEnd = new Emitter<WorkbenchError>()
  readonly #didNotify = new Emitter<EngineNotification>()
  /** Fired once, unless it was disposed. */
  readonly onDidEnd = this.#didEnd.event
  readonly onDidNotify = this.#didNotify.event
  /** As of the last ReadyForQuery. */
  transaction: TransactionState = 'idle'
  #listener: ConnectionListener | null = null
  #drained: PromiseWithResolvers<void> | null = null
  /** What the server said while nothing ran, which is why it then ends. */
  #farewell: SqlErrorFields | null = null
  #end: WorkbenchError | null = null
  #isHeld = false
  /** It is being collected, or encoded. */
  #largeRow: LargeRow | null = null

  constructor(opened: OpenedSocket, server: RemoteConnection) {
    const { socket, parameters } = opened
    this.processId = opened.processId
    this.secretKey = opened.secretKey
    this.encryption = opened.encryption
    this.ssl = opened.ssl
    this.tellsReadOnly = opened.tellsReadOnly
    this.server = server
    this.parameters = new Map(parameters)
    this.#socket = socket
    this.#tracking = onDispose('postgres-connection', () => this.#letGo())
    let failure: Error | null = null
    socket.on('error', (error) => (failure = error))
    socket.on('close', () => this.lose(lossOf(failure, server)))
    socket.on('end', () => this.lose(lossOf(null, server)))
    socket.on('drain', () => this.#drained?.resolve())
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    if (socket.destroyed || socket.readableEnded) this.lose(lossOf(null, server))
    else socket.resume()
  }

  /** Why it has ended; null while it is open. */
  get end(): WorkbenchError | null {
    return this.#end
  }

  /** Hears what follows, instead of whoever heard it before; null for nobody. */
  listen(listener: ConnectionListener | null): void {
    this.#listener = listener
  }

  /** Resolves when all of it is on its way, under the socket's own backpressure. Throws why the connection ended. */
  async send(messages: readonly Pieces[]): Promise<void> {
    this.#socket.cork()
    try {
      for (const piece of messages.flat()) await this.#write(piece)
    } finally {
      this.#socket.uncork()
    }
  }

  /** Nothing is read from now on, or again: the server waits with what it has to send. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#readOrWait()
  }

  /** Ends it at once; whoever listens is told `error`. */
  lose(error: WorkbenchError): void {
    if (this.#end) return
    const told = this.#farewell && error.code === 'unreachable' ? farewell(this.#farewell) : error
    this.#end = told
    const listener = this.#listener
    this.#listener = null
    this.#drained?.reject(told)
    listener?.onLost(told)
    this.#didEnd.fire(told)
    this.#tracking.dispose()
  }

  /** Says good-bye; what is open in a transaction is rolled back by the server. */
  dispose(): void {
    if (this.#end) return
    const error = new WorkbenchError('closed', 'The connection was closed')
    this.#end = error
    const listener = this.#listener
    this.#listener = null
    this.#drained?.reject(error)
    this.#tracking.dispose()
    listener?.onLost(error)
  }

  #letGo(): void {
    const wasAlive = this.#socket.writable && !this.#socket.destroyed
    this.#didEnd.dispose()
    this.#didNotify.dispose()
    this.#socket.removeAllListeners('data')
    // Terminate (section 54.7). A server that reads nothing any more must not keep the socket.
    if (wasAlive) this.#socket.write(Buffer.of(0x58, 0, 0, 0, 4), () => this.#socket.destroy())
    if (!wasAlive || this.#socket.writableNeedDrain) this.#socket.destroy()
    this.decoder.clear()
  }

  async #write(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; at += writeBytesMax) {
      if (this.#end) throw this.#end
      const isRoomLeft = this.#socket.write(piece.subarray(at, at + writeBytesMax))
      if (isRoomLeft || piece.length <= writeBytesMax) continue
      this.#drained = Promise.withResolvers<void>()
      this.#socket.uncork()
      await this.#drained.promise
      this.#socket.cork()
    }
  }

  #readOrWait(): void {
    if (this.#isHeld || this.#largeRow?.isComplete) this.#socket.pause()
    else this.#socket.resume()
  }

  #read(bytes: Uint8Array): void {
    if (this.#end) return
    const taken = this.#largeRow?.push(bytes) ?? 0
    if (this.#largeRow?.isComplete) void this.#encode(this.#largeRow, bytes.subarray(taken))
    if (this.#largeRow) return
    try {
      this.#decode(bytes)
    } catch (error) {
      this.#loseFor(error)
      return
    }
    if (this.decoder.pendingRows > 0) this.#listener?.onRows()
  }

  #decode(bytes: Uint8Array): void {
    this.decoder.push(bytes)
    for (let message = this.#next(); message !== null; message = this.#next()) {
      if (message !== 'too-large') this.#dispatch(message)
    }
    if (this.#listener?.takesLargeRows) this.#largeRow = this.decoder.takeLargeRow(largeRowBytesMin)
  }

  /** `rest` is what follows the row. */
  async #encode(row: LargeRow, rest: Uint8Array): Promise<void> {
    this.#readOrWait()
    try {
      const batch = await row.encode(nextTurn)
      if (this.#end) return
      this.#listener?.onLargeRow(batch, row.isLine)
    } catch (error) {
      this.#loseFor(error)
      return
    }
    this.#largeRow = null
    if (rest.length > 0) this.#read(rest)
    if (!this.#end) this.#readOrWait()
  }

  #loseFor(error: unknown): void {
    // A range error: a message that is shorter than it says.
    if (!(error instanceof DecodeError) && !(error instanceof RangeError)) throw error
    this.lose(lossOf(new Error(`it sent what is not the protocol (${error.message})`), this.server))
  }

  #next(): BackendMessage | 'too-large' | null {
    try {
      return this.decoder.next()
    } catch (error) {
      if (!(error instanceof DecodeError) || error.reason !== 'too-large') throw error
      this.#listener?.onRowTooLarge(error)
      return 'too-large'
    }
  }

  #dispatch(message: BackendMessage): void {
    const types = backend.backendTypes
    const { body } = message
    switch (message.type) {
      case types.noticeResponse:
        this.#listener?.onNotice(backend.readErrorFields(body), body.byteLength)
        break
      case types.notificationResponse:
        this.#didNotify.fire(backend.readNotification(body))
        break
      case types.parameterStatus:
        this.parameters.set(...backend.readParameter(body))
        break
      case types.readyForQuery:
        this.transaction = backend.readTransactionState(body)
        this.#listener?.onMessage(message)
        break
      default:
        if (this.#listener) this.#listener.onMessage(message)
        else if (message.type === types.errorResponse) this.#farewell = backend.readErrorFields(body)
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
