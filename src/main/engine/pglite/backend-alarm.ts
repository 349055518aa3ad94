/**
 * Postgres's one timer, in a thread that never returns to its event loop and so never runs a timer's callback: the
 * host waits in its place, and the callback is made in the middle of whatever runs. Postgres itself decides what is
 * due then, and sets its flags. Those by which it would end the backend, which belongs to everybody, are taken
 * back and kept for whoever ends one client instead.
 */

import type { ConversationExpiry } from '../engine.ts'
import type { BackendLoop } from './backend-loop.ts'
import type { PgliteModule } from './pglite-module.ts'
import type { BackendMemory } from './sessions/backend-memory.ts'
import type { SharedSignals } from './shared-signals.ts'

/** The name of the function in the worker's global scope. */
const functionName = 'wardianAlarm'

/** What the host evaluates in the worker, when an alarm is due, because it may be busy in WebAssembly. */
export const alarmExpression = `${functionName}()`

/** Behind InterruptPending, in the order of utils/init/globals.c of PostgreSQL 18: bytes. */
const pendingFlags = { idleInTransaction: 20, transaction: 24, idleSession: 28 } as const

/**
 * A function that calls no other may use 128 bytes below the stack pointer without moving it (LLVM's red zone), and
 * V8 interrupts it, too.
 */
const redZoneBytes = 1024

export interface BackendAlarmOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly loop: BackendLoop
  readonly signals: SharedSignals
  /** `number` is to be raised after `delayMs`, and the one before it not any more. */
  onSet(number: number, delayMs: number): void
}

export class BackendAlarm {
  readonly #options: BackendAlarmOptions
  readonly #processId: number
  readonly #restore: () => void
  #number = 0
  #ring: (() => void) | null = null
  #expiry: ConversationExpiry['reason'] | null = null

  /** Takes the place of this thread's `setTimeout`, by which Emscripten's setitimer waits. */
  constructor(options: BackendAlarmOptions) {
    const { setTimeout, clearTimeout } = globalThis
    this.#options = options
    this.#processId = options.module._getpid()
    const take = (name: string, value: unknown): unknown =>
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
    take('setTimeout', (ring: () => void, delayMs: number) => this.#set(ring, delayMs))
    take('clearTimeout', (number: number) => this.#clear(number))
    take(functionName, () => this.#look())
    options.signals.setEachLook(() => this.#look())
    this.#restore = () => {
      take('setTimeout', setTimeout)
      take('clearTimeout', clearTimeout)
    }
  }

  /** Why the client that is current, and in a transaction, must go; told once. */
  takeExpiry(): ConversationExpiry['reason'] | null {
    const expiry = this.#expiry
    if (expiry !== null) this.#expiry = null
    return expiry
  }

  /** Gives the thread its timers back. */
  dispose(): void {
    this.#ring = null
    this.#restore()
  }

  #set(ring: () => void, delayMs: number): number {
    this.#number += 1
    this.#ring = ring
    this.#options.onSet(this.#number, delayMs)
    return this.#number
  }

  #clear(number: number): void {
    if (number === this.#number) this.#ring = null
  }

  /** Called at any moment, in the middle of Postgres or of this program. */
  #look(): void {
    const ring = this.#ring
    if (ring === null || this.#options.signals.dueAlarm !== this.#number) return
    this.#ring = null
    this.#asOwnProcess(ring)
    this.#takeFlags()
  }

  /** Postgres signals its own process, and its handlers end one whose id is not what the system says. */
  #asOwnProcess(ring: () => void): void {
    const { module, memory } = this.#options
    const stack = module.stackSave()
    const sessionProcess = memory.word(module._MyProcPid)
    module.stackRestore((stack - redZoneBytes) & ~15)
    memory.setWord(module._MyProcPid, this.#processId)
    try {
      ring()
    } finally {
      memory.setWord(module._MyProcPid, sessionProcess)
      module.stackRestore(stack)
    }
  }

  #takeFlags(): void {
    if (this.#takeFlag(pendingFlags.idleInTransaction)) this.#expiry = 'idle-in-transaction'
    if (this.#takeFlag(pendingFlags.transaction)) {
      this.#expiry = 'transaction'
      this.#options.loop.requestCancel()
    }
    // Sessions idle without the backend: whoever counts that knows them all.
    this.#takeFlag(pendingFlags.idleSession)
  }

  #takeFlag(offset: number): boolean {
    const { module, memory } = this.#options
    const address = module._InterruptPending + offset
    if (memory.word(address) === 0) return false
    memory.setWord(address, 0)
    return true
  }
}
