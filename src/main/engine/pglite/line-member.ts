/**
 * One conversation of the line, in the worker: hands a client's messages to the backend and puts what it answers
 * into the ring, waits where it must, and brings the backend back to idle when the client has gone, whatever it
 * was in the middle of. Knows no other conversation and no turn.
 */

import { assert } from '../../../base/assert.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import type { Conversation } from './backend-loop.ts'
import { backendTypes, transactionStateOf } from '../protocol/backend-message.ts'
import { ChannelInput } from './channel-input.ts'
import { ConversationRecording } from './conversation-recording.ts'
import { asCancelled, copyCancels } from './copy-cancel.ts'
import {
  bindMessage,
  copyFailMessage,
  queryMessage,
  syncMessage,
  type Pieces,
} from '../protocol/frontend-message.ts'
import type { EngineRecording } from './engine-recording.ts'
import { FrameScanner } from '../protocol/message-frames.ts'
import type { FrameHead } from './frame-ring.ts'
import {
  aheadStates,
  expiryFlags,
  inputFlags,
  lineActivity,
  outputFlags,
  outputKinds,
  transactionFlags,
} from './shared-line.ts'
import type { SharedLine } from './shared-line.ts'
import type { LockWait } from './sessions/lock-waits.ts'
import { elapsedMs } from './sent-stamp.ts'
import { ParsedNames } from './parsed-names.ts'
import type { RunningTurn } from './running-turn.ts'
import type { WorkerContext } from './worker-context.ts'

/** Output of a slow statement leaves at least this often. */
const gatherTimeMaxMs = 5
/** How far the host may think that a COPY is behind when it is not. */
const untoldBytesMax = 256 << 10
/** Postgres's own buffer (PQ_SEND_BUFFER_SIZE, libpq/pqcomm.c): it hands over as much only in the middle. */
const fullBufferBytes = 8192

/** Fails, and aborts the transaction with it: nobody prepares a statement of that name. */
const failingBind = bindMessage({ statementName: '_wardian_left', parameters: [], resultFormats: [] })

/** First letters of command tags whose work is undone by a rollback: BEGIN, FETCH, INSERT, LOCK, SELECT, UPDATE. */
const undoneByRollback = new Set(Array.from('BFILSU', (letter) => letter.charCodeAt(0)))

/** The type of Query (PostgreSQL 18 documentation, section 54.7), which may run anything. */
const queryType = 0x51

const nothing = new Uint8Array(0)
const nothingTold: readonly number[] = []

/** More cancels than anybody can ask for while a transaction begins, or is rolled back. */
const ownAttemptsMax = 8

/** What all conversations of the line have in common. */
export interface LineEnds {
  readonly context: WorkerContext
  readonly shared: SharedLine
  readonly running: RunningTurn
  /** Where output is gathered, whoever runs; as long as the longest frame, eight of the backend's own buffers. */
  readonly gathered: Uint8Array
  readonly recording: EngineRecording
  /** Takes in what the host has sent. */
  receive(): void
  /** Wakes the host if it waits. */
  tellHost(): void
  /** Waits until there is room. */
  putOut(head: FrameHead, bytes: Uint8Array): void
}

export class LineMember implements Conversation {
  readonly place: number
  readonly session: number
  readonly #ends: LineEnds
  readonly #recording: ConversationRecording
  readonly #input = new ChannelInput((piece, at) => {
    if (this.#isSettling) return
    this.#recording.onMessage(piece, at)
    if (this.#mayRunAgain) this.#parsed.note(piece, at)
  })
  readonly #scanner = new FrameScanner((type, first, bodyAt) => this.#onBackendFrame(type, first, bodyAt))
  #gatheredBytes = 0
  /** Of those, what was put out before a lock was asked for that may be waited for. */
  #answeredBytes = 0
  #sentAtMs = 0
  #isUrgent = false
  /** When the host has sent what is to be run. */
  #sentStamp = 0
  /** Something of what runs has been put out. */
  #hasPutOut = false
  /** Nothing of it reaches the backend any more, and nothing of the backend reaches it. */
  #isEnded = false
  #transaction: TransactionState = 'idle'
  /** How much input had been handed over when the last ReadyForQuery was sent. */
  #readyAtBytes = 0
  #toldBytes = 0
  /** It has work in the queue. */
  isQueued = false
  /** What runs can be sent again: it is the first of its transaction, and nothing of it has been put out. */
  #mayRunAgain = false
  readonly #asksMayRunAgain = (): boolean => this.#lookWhetherMayRunAgain()
  readonly #asksWhetherHeldBack = (): boolean => this.#input.noteHandled()
  /** The COPY that runs was ended while it waited for data. */
  #hasEndedCopy = false
  #isLooking = false
  /** What is sent is the engine's own. */
  #isSettling = false
  /** What the backend puts out at the moment. */
  #output: Uint8Array = nothing
  /** What is run next begins what was sent together, and all of that can be sent again. */
  #isAtBeginning = false
  /** The rest of that comes in vain: all of it will be sent again. */
  #isDropping = false
  #isToWait = false
  readonly #parsed = new ParsedNames()
  /** How the transaction stands that its client has been told of, and that is to be begun before anything else. */
  #ahead: 'open' | 'failed' | null = null
  /** That runs, and its answer is nobody's. */
  #isBeginning = false
  /** What the host knows of the session's timeouts: the words of SessionTimeouts; none before it has been told. */
  #toldTimeouts: readonly number[] = nothingTold

  constructor(ends: LineEnds, { place, session }: { readonly place: number; readonly session: number }) {
    this.#ends = ends
    this.place = place
    this.session = session
    const { context, recording } = ends
    this.#recording = new ConversationRecording(recording, { session, nowMs: context.nowMs })
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

  /** `stamp`: when the host has sent them. `flags`: `inputFlags`. False if they are not to be run. */
  push(messages: readonly Uint8Array[], { stamp, flags }: { stamp: number; flags: number }): boolean {
    if ((flags & inputFlags.begins) !== 0) {
      this.#isDropping = false
      this.#isAtBeginning = (flags & inputFlags.isGivenAway) === 0
    }
    if (this.#isDropping) {
      for (const { length } of messages) this.#input.takenBytes += length
      this.#readyAtBytes = this.#input.takenBytes
      return false
    }
    if (this.#input.isEmpty) this.#sentStamp = stamp
    if (!this.#isEnded) this.#input.push(messages)
    return true
  }

  /** As of the frames: see `aheadStates`. */
  setAhead(state: number, text: Uint8Array): void {
    this.#ahead = state === aheadStates.open ? 'open' : state === aheadStates.failed ? 'failed' : null
    if (this.#ahead !== 'failed') {
      this.#ends.context.sessions.showStatement(this.session, { text, isInTransaction: this.#ahead !== null })
    }
  }

  /** Runs everything that has been received. Answers the wait for which it has ended instead, if it has. */
  run(): LockWait | null {
    const { context, shared } = this.#ends
    const { lockWaits } = context.sessions
    this.#sentAtMs = context.nowMs()
    this.#recording.beginRun(this.#sentAtMs, elapsedMs(this.#sentStamp, this.#sentAtMs))
    this.#mayRunAgain = !this.isPinnedBefore && this.#isAtBeginning
    this.#isAtBeginning = false
    this.#isToWait = false
    this.#hasPutOut = false
    this.#parsed.clear()
    lockWaits.setMayRunAgain(this.#asksMayRunAgain)
    if (this.#mayRunAgain) lockWaits.begin(this.session)
    const ahead = this.#ahead
    if (ahead) this.#begin(ahead)
    while (!this.#isOver() && !this.#isToWait && (!this.#input.isEmpty || context.loop.hasInput)) this.#step()
    // Without its Sync it would stay in the middle of what it is to do again.
    if (lockWaits.hasRefused && !this.#isToWait && !this.#isOver()) this.#sync(failingBind)
    this.#mayRunAgain = false
    if (shared.isGone(this.place)) {
      lockWaits.giveUp()
      return null
    }
    if (this.#isToWait) this.#undo()
    const wait = this.#isToWait ? lockWaits.take() : null
    this.#tellTimeouts()
    // It is begun again with what is sent again.
    if (wait) this.#ahead = ahead
    if (wait) this.#tellWait()
    else this.#tellRest()
    return wait
  }

  /** Begins what the client has been told of, in front of what it has sent. */
  #begin(ahead: 'open' | 'failed'): void {
    this.#ahead = null
    const sent = this.#input.takeBack()
    this.#isBeginning = true
    // A cancel that was meant for what follows may end it, and is then too early.
    for (let attempt = 0; attempt < ownAttemptsMax && this.#transaction === 'idle'; attempt += 1) {
      this.#pushOwn(queryMessage('begin'))
      this.#settle()
    }
    assert(this.#transaction !== 'idle', 'A transaction that nothing hinders begins')
    if (ahead === 'failed') this.#sync(failingBind)
    this.#isBeginning = false
    this.#input.push(sent)
  }

  /** Whether it was in the middle of something before what is to be run now. */
  get isPinnedBefore(): boolean {
    return this.#transaction !== 'idle' || this.#readyAtBytes !== this.#input.takenBytes
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
    this.#recording.onReady(true)
    // Sync would commit what a client that has left never finished.
    this.#sync(this.#isReady ? [] : failingBind)
    this.#rollBack()
    loop.clearCancel()
  }

  read(bytesMax: number): Uint8Array {
    const bytes = this.#input.isNextForbidden ? this.#refuse() : this.#take(bytesMax)
    if (bytes.length > 0) return bytes
    // Only COPY FROM STDIN asks for more than the messages it was called for.
    if (!this.#isOver() && this.#waitForInput()) return this.read(bytesMax)
    this.#hasEndedCopy = true
    this.#pushOwn(copyFailMessage(this.#copyEnd))
    return this.#input.take(bytesMax)
  }

  write(written: Uint8Array): void {
    const bytes = this.#hasEndedCopy ? asCancelled(written) : written
    if (this.#isBeginning) {
      this.#scanner.scan(bytes)
      return
    }
    this.#output = bytes
    this.#recording.onOutput(bytes)
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
    if (this.#isLooking || context.sessions.lockWaits.hasRefused) return
    // With ReadyForQuery comes the rest: a client that goes on at once, and cancels that, must not be ahead of it.
    if (this.#isReady) return
    // Of a long result, whoever waits sees the first rows at once.
    const isBeginning = !this.#hasPutOut && bytes.length >= fullBufferBytes
    if (isBeginning || this.#isUrgent || context.nowMs() - this.#sentAtMs >= gatherTimeMaxMs) this.#sendPart()
  }

  /** What a COPY that has failed has not read still lies in the backend's buffer, and may be a Sync. */
  get #isReady(): boolean {
    const isAnswered = this.#readyAtBytes === this.#input.takenBytes && this.#input.isEmpty
    return isAnswered && !this.#ends.context.loop.hasInput
  }

  get isMidway(): boolean {
    return this.#readyAtBytes !== this.#input.takenBytes && this.#input.nextType !== queryType
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

  /** Why a COPY that waits for its data ends. */
  get #copyEnd(): string {
    if (this.#isOver()) return 'the client has gone'
    const { context, running } = this.#ends
    const isAsked = context.signals.isCancelled(lineActivity(this.session), running.turn)
    return isAsked ? copyCancels.request : copyCancels.timeout
  }

  #isCancelled(): boolean {
    return this.#ends.context.isToEnd(lineActivity(this.session), this.#ends.running.turn)
  }

  #step(): void {
    this.#ends.context.loop.step(this.#asksWhetherHeldBack)
    if (this.#input.isCopying && this.#input.takenBytes - this.#toldBytes > untoldBytesMax) this.#sendPart()
  }

  #sync(before: Pieces = []): void {
    this.#pushOwn([...before, ...syncMessage()])
    this.#settle()
  }

  /** What follows waits, too; a BEGIN among what was sent has left its transaction open, and a Parse its statement. */
  #undo(): void {
    this.#input.skip()
    this.#rollBack()
    this.#sync(this.#parsed.takeCloses())
  }

  #rollBack(): void {
    for (let attempt = 0; attempt < ownAttemptsMax && this.#transaction !== 'idle'; attempt += 1) {
      this.#pushOwn(queryMessage('rollback'))
      this.#settle()
    }
  }

  #settle(): void {
    const { loop } = this.#ends.context
    this.#isSettling = true
    while (!this.#input.isEmpty || loop.hasInput) loop.step()
    this.#isSettling = false
  }

  /** Puts in messages of the engine's own, which do not count as the client's. */
  #pushOwn(pieces: Pieces): void {
    this.#input.push(pieces)
    for (const piece of pieces) this.#input.takenBytes -= piece.length
  }

  /** The client sent what would end the backend: it is told, and the COPY fails instead. */
  #refuse(): Uint8Array {
    this.#sendPart()
    this.#send(outputKinds.refused, { flags: 0, bytes: Uint8Array.of(this.#input.nextType ?? 0) })
    this.#ends.tellHost()
    this.#isEnded = true
    this.#input.discard()
    return nothing
  }

  #onBackendFrame(type: number, firstBodyByte: number, bodyAt: number): void {
    if (!this.#isSettling) this.#recording.onAnswer(type, this.#output, bodyAt)
    switch (type) {
      case backendTypes.commandComplete:
        if (!this.#isToWait && !undoneByRollback.has(firstBodyByte)) this.#beginsToCount()
        break
      case backendTypes.readyForQuery:
        if (this.#isBeginning) {
          this.#onBegun(firstBodyByte)
          break
        }
        if (this.#ends.context.sessions.lockWaits.hasRefused) this.#isToWait = true
        this.#mayRunAgain = false
        this.#hasEndedCopy = false
        this.#transaction = transactionStateOf(firstBodyByte)
        this.#readyAtBytes = this.#input.takenBytes
        this.#recording.onReady(this.#isToWait || this.#isSettling)
        this.#ends.running.nextTurn()
        this.#ends.shared.nextTurn()
        break
      case backendTypes.copyInResponse:
        this.#input.isCopying = true
        // Of the data nothing is kept to be sent again.
        this.#beginsToCount()
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

  /** No turn of the client has ended, so that what it cancels is still what follows. */
  #onBegun(firstBodyByte: number): void {
    this.#transaction = transactionStateOf(firstBodyByte)
    this.#readyAtBytes = this.#input.takenBytes
  }

  /** What Postgres holds back itself tells, too. */
  #lookWhetherMayRunAgain(): boolean {
    this.#isLooking = true
    this.#ends.context.loop.flush()
    this.#isLooking = false
    this.#answeredBytes = this.#gatheredBytes
    return this.#mayRunAgain
  }

  /** From here on nothing can be run again. */
  #beginsToCount(): void {
    this.#mayRunAgain = false
    this.#ends.context.sessions.lockWaits.giveUp()
  }

  /** Nothing of it has been done; the host keeps what it has sent, and sends it again. */
  #tellWait(): void {
    const { gathered } = this.#ends
    this.#input.skip()
    this.#isDropping = true
    const bytes = gathered.subarray(0, this.#answeredBytes)
    this.#readyAtBytes = this.#input.takenBytes
    this.#gatheredBytes = 0
    this.#send(outputKinds.output, {
      flags: outputFlags.rests | outputFlags.isReady | outputFlags.waits,
      bytes,
    })
  }

  /** In the middle: waits while the client takes nothing, unless the statement is to end. */
  #sendPart(): void {
    const { context, shared } = this.#ends
    this.#hasPutOut = true
    this.#beginsToCount()
    if (shared.isHeld(this.place)) {
      this.#ends.tellHost()
      context.signals.waitFor(() => !shared.isHeld(this.place) || this.#isCancelled() || undefined)
    }
    const bytes = this.#ends.gathered.subarray(0, this.#gatheredBytes)
    this.#gatheredBytes = 0
    this.#send(outputKinds.output, { flags: 0, bytes })
    this.#ends.tellHost()
  }

  /** What the host counts itself, while the session has not got the backend. */
  #tellTimeouts(): void {
    const { timeouts } = this.#ends.context.sessions
    if (this.#transaction !== 'idle' || timeouts.are(this.#toldTimeouts)) return
    this.#toldTimeouts = timeouts.words
    const bytes = new Uint8Array(new Int32Array(this.#toldTimeouts).buffer)
    this.#push(outputKinds.timeouts, { flags: 0, bytes })
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
    // Who runs something idles no more.
    const isExpired = this.#ends.context.alarm.takeExpiry() === 'transaction'
    if (isExpired) this.#push(outputKinds.expired, { flags: expiryFlags.running, bytes: nothing })
    this.#push(kind, { flags: flags | transactionFlags(this.#transaction), bytes })
  }

  #push(kind: number, { flags, bytes }: { readonly flags: number; readonly bytes: Uint8Array }): void {
    const { context, shared } = this.#ends
    const { takenBytes } = this.#input
    const head = { kind, place: this.place, turn: shared.turn, takenBytes, flags }
    this.#ends.putOut(head, bytes)
    this.#isUrgent = false
    this.#toldBytes = takenBytes
    this.#sentAtMs = context.nowMs()
  }
}
