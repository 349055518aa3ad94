/**
 * What becomes of a statement that would wait for another session's advisory lock. Nothing can wait inside the
 * one backend, so it ends with an error; where all of it can be run again later, who runs it may take the wait,
 * and the client never sees that error. Finds circles of such waits. Knows no client and no turn.
 */

import type { PgliteModule } from '../pglite-module.ts'
import { raiseError } from '../raise-error.ts'
import {
  areInConflict,
  describeLock,
  heldLocks,
  isSameLock,
  lockTagWords,
  modeName,
  type AdvisoryLock,
  type HeldLock,
} from './advisory-lock.ts'
import type { BackendMemory } from './backend-memory.ts'

/** A session that would have the lock if it were free. */
export interface LockWait {
  readonly session: number
  readonly lock: AdvisoryLock
}

/** A session, as far as locks are concerned. */
export interface LockOwner {
  readonly session: number
  readonly processId: number
  /** Its LockMethodLocalHash; 0 if it holds nothing. */
  readonly table: number
}

export interface LockWaitsOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  /** All sessions but the engine's own; the current one first. */
  owners(): readonly LockOwner[]
  /** The current one. */
  current(): LockOwner
  /** The session waits from now on, outside of the backend, or does not any more. */
  onWait(session: number, isWaiting: boolean): void
}

const location = { file: 'lock', routine: 'LockAcquireExtended' }

/** XACT_EVENT_COMMIT (access/xact.h). */
const committed = 0

export class LockWaits {
  readonly #options: LockWaitsOptions
  readonly #waiting = new Map<number, LockWait>()
  /** What the current session held when it began what can be run again. */
  #heldBefore: readonly HeldLock[] = []
  #refused: LockWait | null = null
  /** Something since the beginning, as a procedure may in its middle. */
  #hasCommitted = false
  #mayRunAgain: () => boolean = () => false

  constructor(options: LockWaitsOptions) {
    this.#options = options
    const { module } = options
    const onEvent = (event: number): number => {
      if (event === committed) this.#onCommitted()
      return 0
    }
    module._RegisterXactCallback(module.addFunction(onEvent, 'vii'), 0)
  }

  /** Says whether what runs can be run again from its beginning: nothing of it has been put out. */
  setMayRunAgain(mayRunAgain: () => boolean): void {
    this.#mayRunAgain = mayRunAgain
  }

  /** What runs from here on may be run again. The session has the backend, outside of a transaction. */
  begin(session: number): void {
    this.forget(session)
    this.#refused = null
    this.#hasCommitted = false
    this.#heldBefore = this.#held(this.#options.current())
  }

  /** Raises an error in the statement that asks for the lock. */
  refuse(lock: AdvisoryLock): void {
    const asking = this.#options.current()
    const holders = this.#holders(lock, asking.session)
    // Whoever has caught the first refusal and asks again might do so for ever.
    if (this.#refused || this.#hasCommitted || !this.#mayRunAgain()) {
      this.#raiseUnavailable(lock, holders)
      return
    }
    const wait = { session: asking.session, lock }
    const circle = this.#circle(wait, holders)
    if (circle) this.#raiseDeadlock(circle)
    this.#refused = wait
    // A handler of exceptions must not take it for an answer: in PL/pgSQL OTHERS means neither failed assertions nor
    // cancels, which more handlers name (exception_matches_conditions, pl_exec.c).
    raiseError(this.#options.module, {
      ...{ ...location, state: 'P0004', message: `waiting for ${describeLock(lock)}` },
    })
  }

  /** Whether what was begun is to be undone in order to wait. */
  get hasRefused(): boolean {
    return this.#refused !== null
  }

  /** What was begun has gone on nevertheless, or has failed for another reason: there is no wait. */
  giveUp(): void {
    this.#refused = null
  }

  /**
   * The wait for which what was begun has ended, if it has. Gives back the locks that it had taken meanwhile:
   * they would be taken again. The backend is idle; the session waits from now on.
   */
  take(): LockWait | null {
    const wait = this.#refused
    this.#refused = null
    if (!wait) return null
    for (const held of this.#held(this.#options.current())) {
      const before = this.#heldBefore.find((lock) => isSameLock(lock, held))?.count ?? 0
      for (let count = held.count; count > before; count--) this.#release(held)
    }
    this.#waiting.set(wait.session, wait)
    this.#options.onWait(wait.session, true)
    return wait
  }

  /** Whether nobody stands in its way any more. */
  isOver({ session, lock }: LockWait): boolean {
    return this.#holders(lock, session).length === 0
  }

  /** The session has ended, or does not wait any more. */
  forget(session: number): void {
    if (this.#waiting.delete(session)) this.#options.onWait(session, false)
  }

  isWaiting(session: number): boolean {
    return this.#waiting.has(session)
  }

  /** The sessions that hold what `session` waits for. */
  blockersOf(session: number): readonly LockOwner[] {
    const wait = this.#waiting.get(session)
    return wait ? this.#holders(wait.lock, session) : []
  }

  /** Where there was a refusal, a handler has caught it, and what it has gone on with counts. */
  #onCommitted(): void {
    this.#hasCommitted = true
    this.#refused = null
  }

  #held({ table }: LockOwner): HeldLock[] {
    const { module, memory } = this.#options
    return heldLocks(module, memory, table)
  }

  #holders(lock: AdvisoryLock, session: number): LockOwner[] {
    return this.#options
      .owners()
      .filter(
        (owner) => owner.session !== session && this.#held(owner).some((held) => areInConflict(held, lock)),
      )
  }

  /** The waits that would wait for each other, from `wait` back to it; null if there is no such circle. */
  #circle(wait: LockWait, holders: readonly LockOwner[]): LockWait[] | null {
    const path: LockWait[] = []
    const seen = new Set<number>()
    const follow = (from: LockWait, blockers: readonly LockOwner[]): boolean => {
      path.push(from)
      for (const { session } of blockers) {
        if (session === wait.session) return true
        const next = this.#waiting.get(session)
        if (!next || seen.has(session)) continue
        seen.add(session)
        if (follow(next, this.#holders(next.lock, session))) return true
      }
      path.pop()
      return false
    }
    return follow(wait, holders) ? path : null
  }

  #release(lock: HeldLock): void {
    const { module, memory } = this.#options
    const words = lockTagWords(lock)
    const tag = module._malloc(4 * words.length)
    words.forEach((word, index) => memory.setWord(tag + 4 * index, word))
    module._LockRelease(tag, lock.mode, 1)
    module._free(tag)
  }

  #raiseUnavailable(lock: AdvisoryLock, holders: readonly LockOwner[]): void {
    const who = holders.map(({ processId }) => processId).join(', ')
    raiseError(this.#options.module, {
      ...location,
      state: '55P03',
      message: `could not obtain ${describeLock(lock)}`,
      detail: `${modeName(lock)} is needed, and another session holds the lock${who ? ` (process ${who})` : ''}.`,
      hint:
        'All sessions share one backend: a statement can wait for another session only if it is the first of ' +
        'its transaction. Take the lock first, or use pg_try_advisory_lock.',
    })
  }

  /** As DeadLockReport does (storage/lmgr/deadlock.c). */
  #raiseDeadlock(circle: readonly LockWait[]): void {
    const processes = new Map(this.#options.owners().map(({ session, processId }) => [session, processId]))
    const lines = circle.map(({ session, lock }, index) => {
      const blocker = circle[(index + 1) % circle.length]?.session ?? session
      return (
        `Process ${processes.get(session)} waits for ${modeName(lock)} on ${describeLock(lock)}; ` +
        `blocked by process ${processes.get(blocker)}.`
      )
    })
    raiseError(this.#options.module, {
      ...{ state: '40P01', message: 'deadlock detected', detail: lines.join('\n') },
      ...{ hint: 'See server log for query details.', file: 'deadlock', routine: 'DeadLockReport' },
    })
  }
}
