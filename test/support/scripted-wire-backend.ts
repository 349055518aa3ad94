/**
 * A WireBackend whose roles and sessions a test plays by hand: what clients wrote is kept, what they are answered is
 * pushed. Runs no SQL.
 */

import { onDispose, type Disposable } from '../../src/base/disposable.ts'
import { scramKeys } from '../../src/main/endpoints/postgres/scram-verifier.ts'
import type {
  WireActivity,
  WireBackend,
  WireListener,
  WireRole,
  WireSession,
  WireSessionOptions,
} from '../../src/main/endpoints/postgres/wire-backend.ts'

export const scriptedRole: WireRole = {
  canLogin: true,
  canConnect: true,
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
  cancelCount = 0
  endCount = 0
  isDisposed = false
  pulledCount = 0
  /** Whether everything has been answered as soon as the client ends. */
  endsWhenAsked = true
  /** Each write has no room before what it answers is resolved. */
  onWrite: (bytes: Uint8Array) => void | Promise<void> = () => undefined
  readonly #pushed: Uint8Array[] = []
  readonly #open: Disposable
  #listener: WireListener | null = null
  #isHeld = false
  #isFinished = false
  #failure: Error | null = null

  constructor(options: WireSessionOptions, processId: number) {
    this.options = options
    this.processId = processId
    this.#open = onDispose('wire-session', () => {
      this.isDisposed = true
    })
  }

  /** What the client wrote, in one piece. */
  get input(): Buffer {
    return Buffer.concat(this.written)
  }

  start(listener: WireListener): void {
    this.#listener = listener
    this.#deliver()
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes))
    const room = this.onWrite(bytes)
    void room?.then(() => this.#listener?.onRoom())
    return room === undefined
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#deliver()
  }

  push(...parts: readonly Uint8Array[]): void {
    this.#pushed.push(...parts)
    this.#deliver()
  }

  /** Ends the output after what was pushed. */
  finish(): void {
    this.#isFinished = true
    this.#deliver()
  }

  fail(error: Error): void {
    this.#failure = error
    this.#deliver()
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

  #deliver(): void {
    while (this.#listener && !this.#isHeld && !this.isDisposed) {
      const bytes = this.#pushed.shift()
      if (!bytes) break
      this.pulledCount += 1
      this.#listener.onOutput(bytes)
    }
    if (this.#pushed.length > 0 || (!this.#failure && !this.#isFinished) || this.isDisposed) return
    const listener = this.#listener
    this.#listener = null
    listener?.onEnd(this.#failure)
  }
}
