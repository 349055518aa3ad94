/**
 * One conversation of the line, in the worker: hands a client's messages to the backend and puts what it answers
 * into the ring, waits where it must, and brings the backend back to idle when the client has gone, whatever it
 * was in the middle of. Knows no other conversation and no turn.
 */

import type { TransactionState } from '../../../contract/statement.ts'
import type { Conversation } from './backend-loop.ts'
import { backendTypes, transactionStateOf } from './backend-message.ts'
import { ChannelInput } from './channel-input.ts'
import { bindMessage, copyFailMessage, queryMessage, syncMessage, type Pieces } from './frontend-message.ts'
import { FrameScanner } from './message-frames.ts'
import { lineActivity, outputFlags, outputKinds, transactionFlags } from './shared-line.ts'
import type { SharedLine } from './shared-line.ts'
import type { RunningTurn } from './running-turn.ts'
import type { WorkerContext } from './worker-context.ts'

/** Output of a slow statement leaves at least this often. */
const gatherTimeMaxMs = 5
/** How far the host may think that a COPY is behind when it is not. */
const untoldBytesMax = 256 << 10

/** Fails, and aborts the transaction with it: nobody prepares a statement of that name. */
const failingBind = bindMessage({ statementName: '_wardian_left', parameters: [], resultFormats: [] })

const nothing = new Uint8Array(0)

/** What all conversations of the line have in common. */
export interface LineEnds {
  readonly context: WorkerContext
  readonly shared: SharedLine
  readonly running: RunningTurn
  /** Where output is gathered, whoever runs; as long as the longest frame, eight of the backend's own buffers. */
  readonly gathered: Uint8Array
  /** Takes in what the host has sent. */
  receive(): void
  /** Wakes the host if it waits. */
  tellHost(): void
}

export class LineMember implements Conversation {
  readonly place: number
  readonly session: number
  readonly #ends: LineEnds
  readonly #input = new ChannelInput()
  readonly #scanner = new FrameScanner((type, first) => this.#onBackendFrame(type, first))
  #gatheredBytes = 0
  #sentAtMs = 0
  #isUrgent = false
  /** Nothing of it reaches the backend any more, and nothing of the backend reaches it. */
  #isEnded = false
  #transaction: TransactionState = 'idle'
  /** How much input had been handed over when the last ReadyForQuery was sent. */
  #readyAtBytes = 0
  #toldBytes = 0
  /** It has work in the queue. */
  isQueued = false

  constructor(ends: LineEnds, { place, session }: { readonly place: number; readonly session: number }) {
    this.#ends = ends
    this.place = place
    this.session = session
  }

  /** Whether nobody else may use the backend until it has gone on. */
  get isPinned(): boolean {
    return this.#transaction !== 'idle' || !this.#isReady
  }

  get transaction(): TransactionState {
    return this.#transaction
  }

  get hasInput(): boolean {
    return !this.#input.isEmpty && !this.#isEnded
  }

  push(messages: readonly Uint8Array[]): void {
    if (!this.#isEnded) this.#input.push(messages)
  }

  /** Runs everything that has been received. */
  run(): void {
    const { context, shared } = this.#ends
    this.#sentAtMs = context.nowMs()
    while (!this.#isOver() && (!this.#input.isEmpty || context.loop.hasInput)) this.#step()
    if (!shared.isGone(this.place)) this.#tellRest()
  }

  /** Forgets what has been received, which the host has withdrawn. */
  drop(): void {
    this.#input.skip()
    this.#readyAtBytes = this.#input.takenBytes
    this.#tellRest(outputFlags.isWithdrawn)
  }

  /** Undoes whatever the client was in the middle of; nothing is put out any more. */
  bringToIdle(): void {
    const { loop } = this.#ends.context
    this.#isEnded = true
    this.#input.discard()
    // Sync would commit what a client that has left never finished.
    if (!this.#isReady) this.#pushOwn(failingBind)
    this.#pushOwn(syncMessage())
    this.#settle()
    if (this.#transaction !== 'idle') {
      this.#pushOwn(queryMessage('rollback'))
      this.#settle()
    }
    loop.clearCancel()
  }

  read(bytesMax: number): Uint8Array {
    const bytes = this.#input.isNextForbidden ? this.#refuse() : this.#take(bytesMax)
    if (bytes.length > 0) return bytes
    // Only COPY FROM STDIN asks for more than the messages it was called for.
    if (!this.#isOver() && this.#waitForInput()) return this.read(bytesMax)
    this.#pushOwn(copyFailMessage(this.#isOver() ? 'the client has gone' : 'canceled by request'))
    return this.#input.take(bytesMax)
  }

  write(bytes: Uint8Array): void {
    this.#scanner.scan(bytes)
    if (this.#isOver()) return
    const { gathered, context } = this.#ends
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + gathered.length - this.#gatheredBytes)
      gathered.set(part, this.#gatheredBytes)
      this.#gatheredBytes += part.length
      at += part.length
      if (this.#gatheredBytes === gathered.length) this.#sendPart()
    }
    if (this.#isUrgent || context.nowMs() - this.#sentAtMs >= gatherTimeMaxMs) this.#sendPart()
  }

  get #isReady(): boolean {
    return this.#readyAtBytes === this.#input.takenBytes && this.#input.isEmpty
  }

  #isOver(): boolean {
    return this.#isEnded || this.#ends.shared.isGone(this.place)
  }

  #take(bytesMax: number): Uint8Array {
    const wasReady = this.#readyAtBytes === this.#input.takenBytes
    const bytes = this.#input.take(bytesMax)
    // Postgres passes over them, and answers nothing that could be waited for.
    if (wasReady && this.#input.isPassedOver) this.#readyAtBytes = this.#input.takenBytes
    return bytes
  }

  /** Blocks until the host has sent something; false when it is the end, or the statement's cancel. */
  #waitForInput(): boolean {
    const { context, shared } = this.#ends
    this.#tellRest()
    this.#ends.tellHost()
    context.signals.waitFor(() => {
      this.#ends.receive()
      return !this.#input.isEmpty || shared.isGone(this.place) || this.#isCancelled() || undefined
    })
    return !this.#input.isEmpty && !this.#isOver()
  }

  #isCancelled(): boolean {
    return this.#ends.context.signals.isCancelled(lineActivity, this.#ends.running.turn)
  }

  #step(): void {
    this.#ends.context.loop.step()
    if (this.#input.isCopying && this.#input.takenBytes - this.#toldBytes > untoldBytesMax) this.#sendPart()
  }

  #settle(): void {
    const { loop } = this.#ends.context
    while (!this.#input.isEmpty || loop.hasInput) loop.step()
  }

  /** Puts in messages of the engine's own, which do not count as the client's. */
  #pushOwn(pieces: Pieces): void {
    this.#input.push(pieces)
    for (const piece of pieces) this.#input.takenBytes -= piece.length
  }

  /** The client sent what would end the backend: it is told, and the COPY fails instead. */
  #refuse(): Uint8Array {
    const reason = 'A message arrived that cannot be sent while COPY FROM STDIN runs; close the connection'
    this.#sendPart()
    this.#send(outputKinds.refused, { flags: 0, bytes: new TextEncoder().encode(reason) })
    this.#ends.tellHost()
    this.#isEnded = true
    this.#input.discard()
    return nothing
  }

  #onBackendFrame(type: number, firstBodyByte: number): void {
    switch (type) {
      case backendTypes.readyForQuery:
        this.#transaction = transactionStateOf(firstBodyByte)
        this.#readyAtBytes = this.#input.takenBytes
        this.#ends.running.nextTurn()
        this.#ends.shared.nextTurn()
        break
      case backendTypes.copyInResponse:
        this.#input.isCopying = true
        break
      case backendTypes.errorResponse:
        this.#input.isCopying = false
        break
      case backendTypes.noticeResponse:
        this.#isUrgent = true
        break
      default:
        break
    }
  }

  /** In the middle: waits while the client takes nothing, unless the statement is to end. */
  #sendPart(): void {
    const { context, shared } = this.#ends
    if (shared.isHeld(this.place)) {
      this.#ends.tellHost()
      context.signals.waitFor(() => !shared.isHeld(this.place) || this.#isCancelled() || undefined)
    }
    const bytes = this.#ends.gathered.subarray(0, this.#gatheredBytes)
    this.#gatheredBytes = 0
    this.#send(outputKinds.output, { flags: 0, bytes })
    this.#ends.tellHost()
  }

  /** At the end: what is left, and in which state the backend waits. */
  #tellRest(more = 0): void {
    const ready = this.#isReady ? outputFlags.isReady : 0
    const copying = this.#input.isCopying ? outputFlags.isCopying : 0
    const bytes = this.#ends.gathered.subarray(0, this.#gatheredBytes)
    this.#gatheredBytes = 0
    this.#send(outputKinds.output, { flags: outputFlags.rests | ready | copying | more, bytes })
  }

  #send(kind: number, { flags, bytes }: { readonly flags: number; readonly bytes: Uint8Array }): void {
    const { context, shared } = this.#ends
    const { takenBytes } = this.#input
    const head = {
      ...{ kind, place: this.place, turn: shared.turn, takenBytes },
      flags: flags | transactionFlags(this.#transaction),
    }
    if (!shared.output.push(head, bytes)) {
      this.#ends.tellHost()
      context.signals.waitFor(() => shared.output.push(head, bytes) || undefined)
    }
    this.#isUrgent = false
    this.#toldBytes = takenBytes
    this.#sentAtMs = context.nowMs()
  }
}
