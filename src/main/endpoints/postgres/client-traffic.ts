/**
 * The bytes between one logged-in client and its session, both ways, with backpressure both ways: passed on as they
 * are, and only looked at for where messages end. Ends both sides together, whoever ends first and however. Knows no
 * other client.
 */

import type { Duplex } from 'node:stream'
import type { Clock } from '../../../base/clock.ts'
import { onDispose, type Disposable } from '../../../base/disposable.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import { errorResponse } from './backend-message.ts'
import { ClientOutput } from './client-output.ts'
import { closeGraceMs } from './client-socket.ts'
import { MessageFollower } from './message-follower.ts'
import type { OutputAllowance } from './output-allowance.ts'
import type { ClientMeter } from './traffic-meter.ts'
import type { WireTap } from './wire-tap.ts'
import type { WireSession } from './wire-backend.ts'
import { failureFields } from './wire-failure.ts'

/** How long a client that will send no more may wait for the rest of its answers; then its statement is ended. */
export const endGraceMs = 5_000
/** A message of the backend that is under way is completed before a FATAL error follows it; 256 MB take less. */
const boundaryWaitMs = 1_000
/**
 * How long a client may take nothing at all while there is output for it. The backend stands still for everybody
 * meanwhile, so it cannot be for ever; a person who leaves a pager open, and a debugger's break, are forgiven.
 */
export const stalledClientMsDefault = 60_000

const terminate = 'X'.charCodeAt(0)
const readyForQuery = 'Z'.charCodeAt(0)
const parameterStatus = 'S'.charCodeAt(0)
const transactionStates: ReadonlyMap<number, TransactionState> = new Map([
  ['I'.charCodeAt(0), 'idle'],
  ['T'.charCodeAt(0), 'open'],
  ['E'.charCodeAt(0), 'failed'],
])

export interface ClientTrafficOptions {
  readonly socket: Duplex
  readonly session: WireSession
  readonly clock: Clock
  readonly stalledClientMs: number
  readonly allowance: OutputAllowance
  readonly meter: ClientMeter
  readonly tap: WireTap | null
  /** After every change of what the properties below answer. */
  readonly onChange: () => void
  /** The value of a setting that is reported to clients has changed. */
  readonly onParameter: (name: string, value: string) => void
  /** Hears of everything that ends the conversation with an error. */
  readonly onFailure: (error: unknown) => void
}

export class ClientTraffic {
  readonly #options: ClientTrafficOptions
  readonly #input = new MessageFollower({ stopType: terminate })
  readonly #answers: MessageFollower
  readonly #output: ClientOutput
  readonly #closed = Promise.withResolvers<void>()
  readonly #open = onDispose('wire-client', () => undefined)
  readonly #timers = new Set<Disposable>()
  /** The client has said that it ends, or closed its side. */
  #isInputEnded = false
  /** Nothing passes any more, in either direction. */
  #isClosing = false
  #isOutputEnded = false
  #farewell: Uint8Array | null = null
  #isActive = false
  #transaction: TransactionState = 'idle'

  constructor(options: ClientTrafficOptions) {
    this.#options = options
    this.#answers = new MessageFollower({
      wanted: new Set([readyForQuery, parameterStatus]),
      onMessage: (type, body) => this.#onBackendMessage(type, body),
    })
    const { socket, clock, stalledClientMs, allowance, session } = options
    this.#output = new ClientOutput({
      ...{ socket, clock, stalledClientMs, allowance },
      onHold: (isHeld) => {
        if (!this.#isClosing) session.hold(isHeld)
      },
    })
  }

  /** Whether the client has sent something since it was last told that the session is ready. */
  get isActive(): boolean {
    return this.#isActive
  }

  /** As of the last ReadyForQuery. */
  get transaction(): TransactionState {
    return this.#transaction
  }

  /** Lets the bytes flow; resolves when the socket is closed and the session disposed. Call once. */
  async run(): Promise<void> {
    const { session, socket } = this.#options
    socket.on('data', (bytes: Buffer) => this.#onData(bytes))
    socket.on('end', () => this.#endInput('close'))
    socket.on('close', () => this.#onClosed())
    session.start({
      onOutput: (bytes) => this.#onOutput(bytes),
      onRoom: () => this.#onRoom(),
      onEnd: (error) => this.#onEnd(error),
    })
    if (socket.destroyed) this.#onClosed()
    else socket.resume()
    await this.#closed.promise
  }

  /** Tells the client `error` as FATAL, after the message that is under way, and ends. */
  stop(error: unknown): void {
    if (this.#isClosing || this.#farewell) return
    this.#options.onFailure(error)
    this.#farewell = errorResponse(failureFields(error, 'FATAL'))
    this.#dropInput()
    if (this.#answers.isAtBoundary) this.#sayFarewell()
    else if (this.#isOutputEnded) this.#options.socket.destroy()
    else this.#after(boundaryWaitMs, () => this.#options.socket.destroy())
  }

  #onData(bytes: Buffer): void {
    if (this.#isInputEnded) return
    this.#options.meter.received(bytes.length)
    this.#options.tap?.received(bytes)
    const length = this.#input.follow(bytes)
    if (length > 0) {
      this.#setActive(true)
      const whole = length < bytes.length ? bytes.subarray(0, length) : bytes
      if (!this.#options.session.write(whole)) this.#options.socket.pause()
    }
    if (length < bytes.length) this.#endInput('terminate')
  }

  #onRoom(): void {
    this.#options.socket.resume()
  }

  #endInput(how: 'terminate' | 'close'): void {
    if (this.#isInputEnded) return
    this.#isInputEnded = true
    // From now on, and not from when the session has taken everything: it may be waiting for somebody else.
    this.#after(endGraceMs, () => this.#giveUp())
    this.#options.session.end(how)
  }

  /** What has been answered until now is all. */
  #giveUp(): void {
    this.#options.session.dispose()
    this.#onEnd(null)
  }

  #onOutput(bytes: Uint8Array): void {
    if (this.#isClosing) return
    this.#options.meter.sent(bytes.length)
    this.#options.tap?.sent(bytes)
    this.#answers.follow(bytes)
    this.#output.write(bytes)
    if (this.#farewell && this.#answers.isAtBoundary) this.#sayFarewell()
  }

  #onEnd(error: Error | null): void {
    this.#isOutputEnded = true
    if (error) this.stop(error)
    else if (this.#farewell) this.#sayFarewell()
    // What it has been answered is the client's, however slowly it reads.
    else this.#output.whenTaken(() => this.#close(this.#options.stalledClientMs))
  }

  #sayFarewell(): void {
    if (this.#isClosing) return
    if (this.#farewell && this.#answers.isAtBoundary && this.#options.socket.writable) {
      this.#output.write(this.#farewell)
    }
    this.#close(closeGraceMs)
  }

  /**
   * Ends the socket's side, within `patienceMs`, and waits a little for the client to end its own: unread bytes would
   * reset it.
   */
  #close(patienceMs: number): void {
    const { session, socket } = this.#options
    if (this.#isClosing) return
    this.#isClosing = true
    this.#dropInput()
    session.dispose()
    this.#output.end(() => this.#after(closeGraceMs, () => socket.destroy()))
    this.#after(patienceMs, () => socket.destroy())
  }

  /** What still comes is read and forgotten. */
  #dropInput(): void {
    this.#isInputEnded = true
    this.#options.socket.resume()
  }

  #onClosed(): void {
    this.#isClosing = true
    this.#options.session.dispose()
    this.#output.dispose()
    for (const timer of this.#timers) timer.dispose()
    this.#timers.clear()
    this.#open.dispose()
    this.#closed.resolve()
  }

  #after(delayMs: number, action: () => void): void {
    if (this.#options.socket.destroyed) return
    this.#timers.add(this.#options.clock.after(delayMs, action))
  }

  #onBackendMessage(type: number, body: Uint8Array): void {
    if (type === readyForQuery) {
      this.#transaction = transactionStates.get(body[0] ?? 0) ?? this.#transaction
      this.#setActive(false)
      return
    }
    const [name = '', value = ''] = Buffer.from(body).toString().split('\0')
    this.#options.onParameter(name, value)
  }

  #setActive(isActive: boolean): void {
    if (this.#isActive === isActive) return
    this.#isActive = isActive
    this.#options.onChange()
  }
}
