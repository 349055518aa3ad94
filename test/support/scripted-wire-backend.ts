/**
 * A WireBackend whose roles and sessions a test plays by hand: what clients wrote is kept, what they are answered is
 * pushed. Runs no SQL.
 */

import { onDispose, type Disposable } from '../../src/base/disposable.ts'
import { scramKeys } from '../../src/main/endpoints/postgres/scram-verifier.ts'
import type {
  WireActivity,
  WireBackend,
  WireRole,
  WireSession,
  WireSessionOptions,
} from '../../src/main/endpoints/postgres/wire-backend.ts'

export const scriptedRole: WireRole = {
  canLogin: true,
  isSuperuser: false,
  passwordVerifier: null,
  validUntilMs: null,
  connectionLimit: -1,
}

/** Of one iteration, so that hundreds of log-ins take no time. */
export async function quickVerifier(password: string): Promise<string> {
  const salt = Buffer.alloc(16)
  const { storedKey, serverKey } = await scramKeys(password, salt, 1)
  const [saltText, ...keys] = [salt, storedKey, serverKey].map((bytes) => bytes.toString('base64'))
  return `SCRAM-SHA-256$1:${saltText}$${keys.join(':')}`
}

export class ScriptedWireBackend implements WireBackend {
  readonly roles = new Map<string, WireRole>([['postgres', { ...scriptedRole, isSuperuser: true }]])
  readonly sessions: ScriptedWireSession[] = []
  /** Called instead of opening, when set. */
  onOpen: (options: WireSessionOptions) => void | Promise<void> = () => undefined

  findRole(name: string): Promise<WireRole | null> {
    return Promise.resolve(this.roles.get(name) ?? null)
  }

  async openSession(options: WireSessionOptions): Promise<WireSession> {
    await this.onOpen(options)
    const session = new ScriptedWireSession(options, 100 + this.sessions.length)
    this.sessions.push(session)
    return session
  }
}

export class ScriptedWireSession implements WireSession {
  readonly options: WireSessionOptions
  readonly processId: number
  readonly parameters = new Map([['server_version', '18.0']])
  activity: WireActivity = { statement: null, waitingFor: null }
  /** What the client wrote. */
  readonly written: Buffer[] = []
  readonly output: AsyncIterable<Uint8Array>
  cancelCount = 0
  endCount = 0
  isDisposed = false
  pulledCount = 0
  /** Whether everything has been answered as soon as the client ends. */
  endsWhenAsked = true
  /** Awaited by each write. */
  onWrite: (bytes: Uint8Array) => void | Promise<void> = () => undefined
  readonly #pushed: Uint8Array[] = []
  readonly #open: Disposable
  #isFinished = false
  #failure: { readonly error: unknown } | null = null
  #wake: () => void = () => undefined

  constructor(options: WireSessionOptions, processId: number) {
    this.options = options
    this.processId = processId
    this.output = this.#answers()
    this.#open = onDispose('wire-session', () => {
      this.isDisposed = true
      this.finish()
    })
  }

  /** What the client wrote, in one piece. */
  get input(): Buffer {
    return Buffer.concat(this.written)
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written.push(Buffer.from(bytes))
    await this.onWrite(bytes)
  }

  push(...parts: readonly Uint8Array[]): void {
    this.#pushed.push(...parts)
    this.#wake()
  }

  /** Ends the output after what was pushed. */
  finish(): void {
    this.#isFinished = true
    this.#wake()
  }

  fail(error: unknown): void {
    this.#failure = { error }
    this.#wake()
  }

  cancel(): void {
    this.cancelCount += 1
  }

  end(): void {
    this.endCount += 1
    if (this.endsWhenAsked) this.finish()
  }

  dispose(): void {
    this.#open.dispose()
  }

  async *#answers(): AsyncIterable<Uint8Array> {
    for (;;) {
      for (let bytes = this.#pushed.shift(); bytes && !this.isDisposed; bytes = this.#pushed.shift()) {
        this.pulledCount += 1
        yield bytes
      }
      if (this.#failure) throw this.#failure.error
      if (this.#isFinished) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
