/**
 * What the two ends of an engine's line share: a ring of frames each way, and the words by which either end tells
 * what cannot wait for its frame to be read. Owns the layout and the numbers in frames; decides nothing.
 */

import type { TransactionState } from '../../../contract/statement.ts'
import { FrameRing } from './frame-ring.ts'

/** Frames to the worker. */
export const inputKinds = {
  /** `turn` is the number of the session. */
  open: 1,
  /** Whole messages. */
  data: 2,
  /** Whole messages, which are the next message of the port. */
  posted: 3,
  end: 4,
  /** What was to be sent again is not: the client has been told otherwise. */
  waitsNoMore: 5,
  /** `flags` are one of `aheadStates`, of a transaction that the client has been told of and the backend has not. */
  ahead: 6,
} as const

/** With what the client has sent for it, a text that ends with NUL, unless it has failed. */
export const aheadStates = { open: 1, failed: 2, ended: 3 } as const

/** Of a frame with messages: bits. */
export const inputFlags = {
  /** The first of what was sent together. What lies between a wait and it comes in vain. */
  begins: 1,
  /** With `begins`: not all of it is kept by the host, so that it cannot be sent again. */
  isGivenAway: 2,
} as const

/** Frames to the host. `turn` and `takenBytes` hold for each. */
export const outputKinds = {
  output: 1,
  /** Its one byte is the type of a message that does not belong into COPY FROM STDIN. */
  refused: 2,
  /** The last of its place. */
  closed: 3,
  /** `turn` is the number of a session, `flags` what it is asked for. */
  signal: 4,
  /** What the place waits for is free: it may send again. */
  free: 5,
  /** `flags` say why the place is to be left. */
  expired: 6,
  /** The bytes are words: SessionTimeouts, in its order. */
  timeouts: 7,
} as const

/** Of an output frame: bits. */
export const outputFlags = {
  /** The backend has taken everything, and waits. */
  rests: 1,
  /** Everything is answered with ReadyForQuery. */
  isReady: 2,
  /** The backend waits for the data of a COPY. */
  isCopying: 4,
  /** What was to be run was withdrawn before. */
  isWithdrawn: 8,
  /**
   * What was sent would wait for another session, and nothing of it has been done: it is to be sent again when the
   * place is told so. The bytes are what was answered already.
   */
  waits: 64,
} as const

/** Of a frame that tells of an expiry: bits. */
export const expiryFlags = { idleInTransaction: 1, running: 2 } as const

/** Of a signal frame. */
export const signalFlags = { cancel: 1, terminate: 2 } as const

const transactionShift = 4
const transactions: readonly TransactionState[] = ['idle', 'open', 'failed']

/** The bits of an output frame that tell the transaction's state. */
export function transactionFlags(state: TransactionState): number {
  return transactions.indexOf(state) << transactionShift
}

export function transactionOfFlags(flags: number): TransactionState {
  return transactions[(flags >> transactionShift) & 3] ?? 'idle'
}

/** Who may begin what a place has sent: whoever changes `waiting` first. */
const claims = { waiting: 1, running: 2, withdrawn: 3 } as const

/**
 * Cancels and running turns name a session of the line by this number, which is no activity's. Not the line alone: what
 * its client wants to end may have ended before the host can see that, and the turn is another's by then.
 */
export function lineActivity(session: number): number {
  return -session
}

/** Conversations at once: every client of an endpoint, and those that are ending. */
export const placesMax = 2048

/** Units of clients are short; what is longer than a frame goes another way. */
const inputCapacity = 1 << 19
/** As much as the backend may be ahead of the host's thread. */
const outputCapacity = 1 << 20

/** Index of each 32-bit word. */
const words = {
  /** Not 0: the host waits for output and wants to be told. */
  isHostWaiting: 0,
  /** The place whose messages run; 0 for none. */
  running: 1,
  /** ReadyForQuery that the line has sent. */
  turn: 2,
  /** Not 0: the worker waits for room in the ring of output. */
  isOutputFull: 3,
  /** From here on: the claims of all places, then whether each is held or gone. */
  places: 16,
} as const

const states = { none: 0, held: 1, gone: 2 } as const

const wordsBytes = (words.places + 2 * (placesMax + 1)) * Int32Array.BYTES_PER_ELEMENT
const inputStart = (wordsBytes + 127) & ~127
const outputStart = inputStart + FrameRing.bytesFor(inputCapacity)
const lineBytes = outputStart + FrameRing.bytesFor(outputCapacity)

/** The view of either end. Places are numbered from 1 to `placesMax`. */
export class SharedLine {
  readonly buffer: SharedArrayBuffer
  readonly input: FrameRing
  readonly output: FrameRing
  readonly #words: Int32Array

  constructor(buffer = new SharedArrayBuffer(lineBytes)) {
    this.buffer = buffer
    this.input = new FrameRing(buffer, inputStart, inputCapacity)
    this.output = new FrameRing(buffer, outputStart, outputCapacity)
    this.#words = new Int32Array(buffer, 0, wordsBytes / Int32Array.BYTES_PER_ELEMENT)
  }

  /** Host: asks to be told of output from now on; look for output after that. */
  awaitOutput(): void {
    Atomics.store(this.#words, words.isHostWaiting, 1)
  }

  /** Host: looks for output by itself again. */
  stopAwaitingOutput(): void {
    Atomics.store(this.#words, words.isHostWaiting, 0)
  }

  /** Worker: whether the host is to be told, which is asked once. */
  takeWaitingHost(): boolean {
    if (Atomics.load(this.#words, words.isHostWaiting) === 0) return false
    return Atomics.exchange(this.#words, words.isHostWaiting, 0) === 1
  }

  /** Worker: nothing goes on before there is room for output, or again; to be said before it looks for that. */
  set isOutputFull(isFull: boolean) {
    Atomics.store(this.#words, words.isOutputFull, isFull ? 1 : 0)
  }

  /** Host: whether the worker is to be told that there is room; to be asked after it has been made. */
  get isOutputFull(): boolean {
    return Atomics.load(this.#words, words.isOutputFull) !== 0
  }

  get running(): number {
    return Atomics.load(this.#words, words.running)
  }

  /** Worker. */
  set running(place: number) {
    Atomics.store(this.#words, words.running, place)
  }

  get turn(): number {
    return Atomics.load(this.#words, words.turn)
  }

  /** Worker. */
  nextTurn(): number {
    return Atomics.add(this.#words, words.turn, 1) + 1
  }

  /** Host: a new conversation begins. */
  reset(place: number): void {
    Atomics.store(this.#words, words.places + place, 0)
    this.#setState(place, states.none)
  }

  /** Host: what is sent next may be begun. */
  offer(place: number): void {
    Atomics.store(this.#words, words.places + place, claims.waiting)
  }

  /** Worker: false when it has been withdrawn. */
  begin(place: number): boolean {
    return this.#claim(place, claims.running) !== claims.withdrawn
  }

  /** Host: false when it has begun, or there is nothing. */
  withdraw(place: number): boolean {
    return this.#claim(place, claims.withdrawn) === claims.waiting
  }

  /** Host: the client takes no more for now, or again. */
  hold(place: number, isHeld: boolean): void {
    if (!this.isGone(place)) this.#setState(place, isHeld ? states.held : states.none)
  }

  isHeld(place: number): boolean {
    return this.#state(place) === states.held
  }

  /** Host: nobody takes what it puts out, and nothing that it has sent is of use. */
  leave(place: number): void {
    this.#setState(place, states.gone)
  }

  isGone(place: number): boolean {
    return this.#state(place) === states.gone
  }

  /** Answers who had it before. */
  #claim(place: number, by: number): number {
    return Atomics.compareExchange(this.#words, words.places + place, claims.waiting, by)
  }

  #state(place: number): number {
    return Atomics.load(this.#words, words.places + placesMax + 1 + place)
  }

  #setState(place: number, state: number): void {
    Atomics.store(this.#words, words.places + placesMax + 1 + place, state)
  }
}
