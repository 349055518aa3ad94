/**
 * An instance of which every connection gets a copy: made when it logs in, thrown away when it leaves. Takes the
 * snapshot that copies begin with, in a turn of its own, and keeps it while nobody writes. Knows no socket.
 */

import { availableParallelism } from 'node:os'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { InstanceOptions } from '../../contract/instance-options.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Engine, EngineDatabases, EngineFactory, EngineSnapshot } from '../engine/engine.ts'
import type {
  WireBackend,
  WireRole,
  WireSession,
  WireSessionOptions,
} from '../endpoints/postgres/wire-backend.ts'
import { refusal } from '../endpoints/postgres/wire-failure.ts'
import type { TurnQueue } from '../session/turn-queue.ts'
import { ForkSession } from './fork-session.ts'
import type { ForkMemory } from './fork-memory.ts'

/** It is copied while everybody who uses the instance waits, and stays in memory: a gigabyte takes about a second. */
const snapshotBytesMax = 1 << 30
/** A test suite that comes again within this time finds the snapshot that it left. */
const snapshotIdleMs = 60_000

export interface InstanceForksOptions {
  readonly instance: {
    readonly id: string
    readonly turns: TurnQueue
    readonly databases: EngineDatabases | null
    /** What it is started with. */
    readonly options: InstanceOptions
    engine(): Promise<Engine>
  }
  readonly factory: EngineFactory
  readonly memory: ForkMemory
  readonly clock: Clock
  readonly idleTransactionMs: number
  /** A number that no session of any copy has had. */
  nextProcessId(): number
  /** The original's. */
  findRole(name: string): Promise<WireRole | null>
}

export class InstanceForks implements WireBackend {
  readonly isForking = true
  readonly #options: InstanceForksOptions
  readonly #taker = { title: 'a copy for a connection' }
  readonly #forks = new Set<ForkSession>()
  readonly #ending = new Set<Promise<void>>()
  /** The last opening of each: more at once than there are cores would only make all of them late. */
  readonly #lanes = Array.from({ length: availableParallelism() }, () => Promise.resolve<unknown>(null))
  #openingCount = 0
  #snapshot: EngineSnapshot | null = null
  /** As of the snapshot: nothing has been committed since while it is the same. */
  #endCount = -1
  #taking: Promise<EngineSnapshot> | null = null
  #idle: Disposable | null = null
  #isEnded = false

  constructor(options: InstanceForksOptions) {
    this.#options = options
  }

  findRole(name: string): Promise<WireRole | null> {
    return this.#options.findRole(name)
  }

  /**
   * Throws 53300 where there is no memory for another copy, `limit-exceeded` for too large an instance, 55P03 when
   * somebody has had the instance for as long as a transaction may idle.
   */
  async openSession(options: WireSessionOptions): Promise<WireSession> {
    this.#idle?.dispose()
    const snapshot = await this.#currentSnapshot()
    const place = this.#options.memory.take(snapshot.image.byteLength)
    try {
      const engine = await this.#inLane(() => this.#openEngine(snapshot))
      const { clock, idleTransactionMs } = this.#options
      const fork = new ForkSession(engine, {
        ...{ clock, idleTransactionMs },
        onEnded: (ended) => this.#onEnded(fork, { ended, place }),
      })
      this.#forks.add(fork)
      return await fork.open(options)
    } catch (error) {
      place.dispose()
      throw error
    }
  }

  /** Ends all copies; resolves when their threads have gone. */
  async end(): Promise<void> {
    this.#isEnded = true
    for (const fork of [...this.#forks]) fork.dispose()
    this.#idle?.dispose()
    this.#snapshot = null
    await Promise.allSettled([...this.#ending])
  }

  #inLane<T>(work: () => Promise<T>): Promise<T> {
    const lane = this.#openingCount++ % this.#lanes.length
    const done = (this.#lanes[lane] ?? Promise.resolve()).then(work)
    this.#lanes[lane] = done.catch(() => undefined)
    return done
  }

  async #openEngine(snapshot: EngineSnapshot): Promise<Engine> {
    const { factory, instance, nextProcessId } = this.#options
    const { databases, options } = instance
    if (this.#isEnded) throw stopped()
    const engine = await factory.open({
      ...{ ...options, directory: null, durability: 'relaxed', snapshot, countedFor: instance.id },
      firstProcessId: nextProcessId(),
      ...(databases ? { databases } : {}),
    })
    if (!this.#isEnded) return engine
    await engine.discard()
    throw stopped()
  }

  #onEnded(fork: ForkSession, { ended, place }: { ended: Promise<void>; place: Disposable }): void {
    this.#forks.delete(fork)
    const done = ended.finally(() => {
      place.dispose()
      this.#ending.delete(done)
    })
    this.#ending.add(done)
    if (this.#forks.size > 0 || this.#isEnded) return
    this.#idle?.dispose()
    this.#idle = this.#options.clock.after(snapshotIdleMs, () => (this.#snapshot = null))
  }

  /** Whoever comes while one is taken gets the same: what was committed before he came is in it. */
  #currentSnapshot(): Promise<EngineSnapshot> {
    this.#taking ??= this.#takeSnapshot().finally(() => (this.#taking = null))
    return this.#taking
  }

  async #takeSnapshot(): Promise<EngineSnapshot> {
    const { clock, instance, idleTransactionMs } = this.#options
    const { turns } = instance
    const ticket = turns.request(this.#taker)
    let isPatient = true
    const patience = clock.after(idleTransactionMs, () => {
      isPatient = false
      ticket.withdraw()
    })
    try {
      while (!ticket.isGranted) {
        // Whoever has the instance has not committed anything, and may take his time.
        if (this.#snapshot && turns.endCount === this.#endCount) return this.#snapshot
        if (!isPatient) throw stillHeld(turns.holder?.title ?? 'another session')
        await ticket.changed()
      }
      const engine = await instance.engine()
      this.#snapshot = await engine.snapshot({ known: this.#snapshot, bytesMax: snapshotBytesMax })
      return this.#snapshot
    } finally {
      patience.dispose()
      ticket.withdraw()
      turns.release(this.#taker, { inTransaction: false })
      if (ticket.isGranted) this.#endCount = turns.endCount
    }
  }
}

function stopped(): WorkbenchError {
  return new WorkbenchError('closed', 'The endpoint was stopped; start it again')
}

/** As Postgres says it of a lock that nobody gives back. */
function stillHeld(holder: string): Error {
  return refusal(
    '55P03',
    `the database could not be copied: ${holder} has a transaction open, or still runs`,
    {
      hint: 'A copy has what is committed: end that transaction, and connect again.',
    },
  )
}
