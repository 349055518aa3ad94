/**
 * Runs Postgres's own main loop inside the worker, one frontend message at a time, with input and output
 * through callbacks, and holds the two flags that interrupt it. Knows the protocol only as far as that a
 * message is a unit of work; what is said belongs to the conversation.
 *
 * The stock PGlite instead hands in all input at once and gathers all output: neither COPY nor a large result
 * can stream that way.
 */

import { assert } from '../../../base/assert.ts'
import { WorkbenchError } from '../../../contract/error.ts'
import type { PgliteModule } from './pglite-module.ts'

/** Who talks to the backend at the moment. Both functions run inside WebAssembly frames and must not throw. */
export interface Conversation {
  /** Up to `bytesMax` bytes of input, at least one. May block. */
  read(bytesMax: number): Uint8Array
  /** Output, as a view that is valid only during the call. May block. */
  write(bytes: Uint8Array): void
  /** Something was handed over since ReadyForQuery, and what comes next runs nothing; unless given, nobody asks. */
  readonly isMidway?: boolean
}

/** Exit status by which PGlite marks Postgres's jump to its main loop (pglitec.c, POSTGRES_MAIN_LONGJMP). */
const longJumpStatus = 100

const never = (): boolean => false

/** Stands before a message in the middle of a pipeline is read; answers what is to be done when it has been handled. */
export type BeforeMidway = () => (() => void) | null

/** Stands between the end of a message and ReadyForQuery; it must call `sendReady` once. */
export type AroundReady = (sendReady: () => void) => void

export class BackendLoop {
  readonly #module: PgliteModule
  #aroundReady: AroundReady = (sendReady) => sendReady()
  #beforeAnswer = (): void => undefined
  #beforeMidway: BeforeMidway = () => null
  readonly #sendReady = (): void => this.#module._PostgresSendReadyForQueryIfNecessary()
  readonly #answer = (): void => {
    this.#beforeAnswer()
    this.#aroundReady(this.#sendReady)
    this.#module._pgl_pq_flush()
  }
  #conversation: Conversation | null = null
  #lastView: Uint8Array = new Uint8Array(0)
  #words: Int32Array = new Int32Array(0)
  /** Thrown by a conversation; it cannot pass through WebAssembly frames, which would lose Postgres's state. */
  #failure: { readonly error: unknown } | null = null

  constructor(module: PgliteModule) {
    this.#module = module
    const read = module.addFunction((pointer, bytesMax) => this.#read(pointer, bytesMax), 'ipi')
    const write = module.addFunction((pointer, length) => this.#write(pointer, length), 'ipi')
    module._pgl_set_rw_cbs(read, write)
  }

  /** Lets `conversation` talk to the backend for the length of `run`. */
  converse<T>(conversation: Conversation, run: () => T): T {
    assert(this.#conversation === null, 'Two conversations with one backend')
    this.#conversation = conversation
    this.clearCancel()
    try {
      return run()
    } finally {
      this.clearCancel()
      this.#conversation = null
    }
  }

  /** Whether the backend holds input that it has read and not handled. */
  get hasInput(): boolean {
    return this.#module._pq_buffer_remaining_data() > 0
  }

  /**
   * Handles one frontend message. `isHeldBack` answers whether that was one whose answer Postgres holds back until
   * another asks for it. Throws `engine-crashed` when the backend cannot go on.
   */
  step(isHeldBack: () => boolean = never): void {
    const module = this.#module
    const stack = module.stackSave()
    let hasFailed = false
    const behind = this.#conversation?.isMidway === true && !this.hasInput ? this.#beforeMidway() : null
    try {
      module._PostgresMainLoopOnce()
    } catch (error) {
      module.stackRestore(stack)
      if (!isLongJump(error)) throw crash(error)
      this.#guard(() => module._PostgresMainLongJmp())
      hasFailed = true
    }
    if (behind) this.#guard(behind)
    if (!isHeldBack() || hasFailed) this.#guard(this.#answer)
    const failure = this.#failure
    this.#failure = null
    if (failure) throw failure.error
  }

  /**
   * Calls a function of Postgres outside of any statement. If it raises an error, that is reported to who talks
   * to the backend.
   */
  callOutside(run: () => void): void {
    const module = this.#module
    const stack = module.stackSave()
    try {
      run()
    } catch (error) {
      module.stackRestore(stack)
      if (!isLongJump(error)) throw crash(error)
      this.#guard(() => module._PostgresMainLongJmp())
    }
    this.#guard(() => module._pgl_pq_flush())
  }

  /** Whom the moment before ReadyForQuery belongs to, and the one before a message in the middle of a pipeline. */
  setAround({ ready, midway }: { readonly ready: AroundReady; readonly midway: BeforeMidway }): void {
    this.#aroundReady = ready
    this.#beforeMidway = midway
  }

  /** Who looks at Postgres's memory when it has handled a message, before anybody is told of it. Once for each. */
  setBeforeAnswer(beforeAnswer: () => void): void {
    this.#beforeAnswer = beforeAnswer
  }

  /** Hands over what the backend has put out and still holds. */
  flush(): void {
    this.#module._pgl_pq_flush()
  }

  /** Puts a message of the engine's own behind what the backend has put out so far. */
  put(message: Uint8Array): void {
    this.#module._pgl_pq_flush()
    if (!this.#failure) this.#deliver(message)
  }

  /** Hands what the backend puts out during `run` to `sort`, which answers what the client is to get of it. */
  divert(run: () => void, sort: (bytes: Uint8Array) => readonly Uint8Array[]): void {
    const end = this.beginDivert(sort)
    try {
      run()
    } finally {
      end()
    }
  }

  /** As `divert`, until what is answered is called. */
  beginDivert(sort: (bytes: Uint8Array) => readonly Uint8Array[]): () => void {
    const module = this.#module
    const conversation = this.#conversation
    const parts: Uint8Array[] = []
    module._pgl_pq_flush()
    this.#conversation = {
      read: (bytesMax) => conversation?.read(bytesMax) ?? new Uint8Array(0),
      write: (bytes) => void parts.push(bytes.slice()),
    }
    return () => {
      module._pgl_pq_flush()
      this.#conversation = conversation
      for (const bytes of sort(Buffer.concat(parts))) if (!this.#failure) this.#deliver(bytes)
    }
  }

  /** Makes Postgres end what it does with 57014 at its next CHECK_FOR_INTERRUPTS. */
  requestCancel(): void {
    this.#setFlag(this.#module._QueryCancelPending, 1)
    this.#setFlag(this.#module._InterruptPending, 1)
  }

  /** Whether what Postgres does is to end. */
  get isCancelRequested(): boolean {
    return new DataView(this.#module.HEAPU8.buffer).getInt32(this.#module._QueryCancelPending, true) !== 0
  }

  /** Takes back a request that came too late for what it was meant for. */
  clearCancel(): void {
    this.#setFlag(this.#module._QueryCancelPending, 0)
  }

  /**
   * What the setting client_encoding is at the moment. PGlite's backend never reports it, as a ParameterStatus
   * would.
   */
  get clientEncoding(): string {
    return this.#readSetting('client_encoding')
  }

  /** The values of settings, by their names, as Postgres shows them to a superuser. */
  readSettings(names: readonly string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, this.#readSetting(name)]))
  }

  #readSetting(name: string): string {
    const module = this.#module
    const stack = module.stackSave()
    const value = module._GetConfigOptionByName(module.stringToUTF8OnStack(name), 0, 0)
    module.stackRestore(stack)
    const text = module.UTF8ToString(value)
    module._pfree(value)
    return text
  }

  get memoryBytes(): number {
    return this.#module.HEAPU8.length
  }

  #setFlag(address: number, value: number): void {
    // Memory that has grown since has another buffer, and the view of the old one no length.
    if (this.#words.length === 0) this.#words = new Int32Array(this.#module.HEAPU8.buffer)
    this.#words[address >> 2] = value
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      throw crash(error)
    }
  }

  #read(pointer: number, bytesMax: number): number {
    assert(this.#conversation !== null, 'The backend reads while nobody talks to it')
    const bytes = this.#conversation.read(bytesMax)
    assert(bytes.length > 0 && bytes.length <= bytesMax, 'The backend is handed a wrong number of bytes')
    this.#module.HEAPU8.set(bytes, pointer)
    return bytes.length
  }

  /** The backend's send buffer is always the same 8 KiB, so the view of the last time usually serves again. */
  #outputView(pointer: number, length: number): Uint8Array {
    const memory = this.#module.HEAPU8
    const last = this.#lastView
    if (last.byteOffset === pointer && last.length === length && last.buffer === memory.buffer) return last
    this.#lastView = memory.subarray(pointer, pointer + length)
    return this.#lastView
  }

  #write(pointer: number, length: number): number {
    if (!this.#failure && this.#conversation) this.#deliver(this.#outputView(pointer, length))
    return length
  }

  #deliver(bytes: Uint8Array): void {
    try {
      this.#conversation?.write(bytes)
    } catch (error) {
      this.#failure = { error }
      // What produces the output is of no use any more.
      this.requestCancel()
    }
  }
}

function isLongJump(error: unknown): boolean {
  return hasStatus(error) && error.status === longJumpStatus
}

function hasStatus(error: unknown): error is { readonly status: unknown } {
  return typeof error === 'object' && error !== null && 'status' in error
}

function crash(error: unknown): WorkbenchError {
  if (error instanceof WorkbenchError) return error
  const how = hasStatus(error)
    ? `Postgres ended with status ${String(error.status)}`
    : `the WebAssembly stopped: ${String(error)}`
  return new WorkbenchError('engine-crashed', `The database engine ended unexpectedly (${how})`, {
    cause: error,
  })
}
