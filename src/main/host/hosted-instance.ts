/**
 * One instance: started when it is first needed, started again when its engine has crashed, stopped with
 * everything on disk. Holds the lock of its directory while its engine runs. Knows no session and no client.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import { toWireError, WorkbenchError } from '../../contract/error.ts'
import { defaultInstanceOptions, type InstanceOptions } from '../../contract/instance-options.ts'
import type { Instance } from '../../contract/instance.ts'
import type { Crash, CrashNote } from '../../contract/supervision.ts'
import type { Engine, EngineDatabases, EngineFactory, EngineSnapshot } from '../engine/engine.ts'
import type { EngineSource } from '../session/session.ts'
import { TurnQueue } from '../session/turn-queue.ts'
import { DirectoryLock, type LockHolder } from '../storage/directory-lock.ts'
import { recoverSwap } from './data-swap.ts'
import { DirectoryWatch, lostDirectory, replacedDirectory } from './directory-watch.ts'
import { directorySize } from './directory-size.ts'
import type { HostLog } from './host-options.ts'
import { engineFolder, writeRecord, type InstanceOwner, type InstanceRecord } from './instance-record.ts'
import { loadSampleDatabase } from './sample-loader.ts'
import { Supervision } from './supervision.ts'

export interface HostedInstanceOptions {
  readonly record: InstanceRecord
  /** null: in memory. */
  readonly directory: string | null
  readonly factory: EngineFactory
  readonly holder: LockHolder
  readonly clock: Clock
  readonly log: HostLog
  /** What one in memory begins with, each time that it is started. */
  readonly snapshot?: EngineSnapshot
  /** What SQL is told of databases; unless given, what stands in the directory. */
  databases?(): EngineDatabases
}

type State = Pick<Instance, 'state' | 'failure' | 'sizeBytes'>

interface Running {
  readonly engine: Engine
  /** null: in memory. */
  readonly place: DirectoryWatch | null
  readonly crashes: Disposable
}

export class HostedInstance implements EngineSource {
  readonly turns = new TurnQueue()
  readonly #options: HostedInstanceOptions
  readonly #didChange = new Emitter<Instance>()
  readonly #didLoseEngine = new Emitter<null>()
  readonly onDidChange = this.#didChange.event
  /** The engine was stopped or has crashed: what sessions had set in it is gone. */
  readonly onDidLoseEngine = this.#didLoseEngine.event
  readonly #didCrash = new Emitter<CrashNote>()
  /** The engine has ended by itself. */
  readonly onDidCrash = this.#didCrash.event
  readonly #supervision: Supervision
  #record: InstanceRecord
  #state: State = { state: 'stopped', failure: null, sizeBytes: null }
  #running: Running | null = null
  #opening: Promise<Engine> | null = null
  #closing: Promise<void> = Promise.resolve()
  /** Settles when nobody reads the files any more. */
  #reading: Promise<unknown> = Promise.resolve()
  #lock: DirectoryLock | null = null
  /** Of the place that the data is linked from. */
  #linkLock: DirectoryLock | null = null
  /** By the engine that runs, or is being opened. */
  #toldDatabases: EngineDatabases | null = null
  /** What the engine runs with, or was opened with last. */
  #openedWith: InstanceOptions | null = null
  /** Why it was not started again, if its directory was lost while it ran. */
  #lostFailure: string | null = null
  #isEnded = false

  constructor(options: HostedInstanceOptions) {
    this.#options = options
    this.#record = options.record
    this.#state = { ...this.#state, sizeBytes: options.record.sizeBytes }
    this.#supervision = new Supervision(options.clock)
  }

  get id(): string {
    return this.#record.id
  }

  get name(): string {
    return this.#record.name
  }

  get directory(): string | null {
    return this.#options.directory
  }

  /** It is whole and on disk: from now on, hosts that find it keep it. */
  async arrive(sizeBytes: number): Promise<void> {
    await this.#store({ ...this.#record, isIncoming: false, sizeBytes })
    this.#set({ sizeBytes })
  }

  /** Where its files are; null: in memory. */
  get dataDirectory(): string | null {
    const { directory } = this.#options
    const own = directory === null ? null : join(directory, engineFolder)
    // Emscripten's file system takes a link for no directory.
    return this.#record.link?.dataDirectory ?? own
  }

  /** Whom it belongs to as a database, if it was made as one. */
  get owner(): InstanceOwner | null {
    return this.#record.owner
  }

  /** Its data lies in a place that the user has chosen, and is not to be put elsewhere. */
  get isLinked(): boolean {
    return this.#record.link !== null
  }

  describe(): Instance {
    const { id, name, engine, serverVersion, engineVersion, createdAtMs } = this.#record
    const { directory } = this.#options
    const storage = directory === null ? 'memory' : 'directory'
    const isRunning = this.#running !== null || this.#opening !== null
    const needsRestart = isRunning && !isDeepStrictEqual(this.#openedWith, this.options)
    return {
      ...{ id, name, engine, storage, ...this.#state, serverVersion, engineVersion, createdAtMs },
      ...{ directory: this.#record.link?.dataDirectory ?? directory },
      ...{ options: this.options, needsRestart, remote: null },
    }
  }

  /** What it is started with the next time. */
  get options(): InstanceOptions {
    return this.#record.options ?? defaultInstanceOptions
  }

  /** From the next start on, also on disk. */
  async configure(options: InstanceOptions): Promise<void> {
    await this.#store({ ...this.#record, options })
    this.#set({})
  }

  /** Of the time of this program, oldest first. */
  get crashes(): readonly Crash[] {
    return this.#supervision.crashes
  }

  get crashCount(): number {
    return this.#supervision.count
  }

  /** What becomes of the instance whose engine has just ended, for those who use it. */
  get afterCrash(): string {
    if (this.#options.directory === null) return 'What this instance had in memory is gone; create another'
    if (this.#lostFailure !== null) return this.#lostFailure
    const safe = 'What was committed is safe'
    return this.#supervision.isDown
      ? `${safe}. Start the instance again, and avoid this statement`
      : `${safe}, and the instance starts again by itself; what was open in a transaction is rolled back`
  }

  /** The running engine. Starts it, unless it has crashed too often: then only `start` does. */
  engine(): Promise<Engine> {
    // One that is being prepared runs already, and is nobody else's until it is done.
    if (this.#opening) return this.#opening
    if (this.#running) return Promise.resolve(this.#running.engine)
    if (this.#isEnded) return Promise.reject(new WorkbenchError('closed', `${this.name} was closed`))
    if (this.#supervision.isDown) {
      return Promise.reject(new WorkbenchError('engine-crashed', this.#state.failure ?? 'The engine crashed'))
    }
    return this.#open('starting', 0)
  }

  /** Starts the engine if it is not running, whatever happened before. */
  async start(): Promise<void> {
    // Whoever only makes sure that it runs has not looked at what it does.
    if (!this.#running && !this.#opening) this.#supervision.forgive()
    await this.engine()
  }

  /** What SQL is told of databases; null for what stands in the directory. */
  get databases(): EngineDatabases | null {
    return this.#options.databases?.() ?? null
  }

  /** `databases` has changed. */
  tellDatabases(): void {
    const { databases } = this
    if (!databases || isDeepStrictEqual(databases, this.#toldDatabases)) return
    this.#toldDatabases = databases
    this.#running?.engine.setDatabases(databases)
  }

  /** From now on, also on disk. */
  async rename(name: string): Promise<void> {
    await this.#store({ ...this.#record, name })
    this.#set({})
  }

  /** From now on, also on disk. */
  giveTo(owner: InstanceOwner): Promise<void> {
    return this.#store({ ...this.#record, owner })
  }

  /** Closes the engine cleanly and lets go of the directory. What is in memory is gone. */
  async stop(): Promise<void> {
    await this.#opening?.catch(() => undefined)
    this.#closing = this.#closing.then(() => this.#closeNow())
    await this.#closing
  }

  /** The engine, while it runs and is nobody's to prepare. */
  get runningEngine(): Engine | null {
    return this.#opening ? null : (this.#running?.engine ?? null)
  }

  /** Whether the engine runs, or is being started. */
  get isRunning(): boolean {
    return this.#running !== null || this.#opening !== null
  }

  /** Runs `work`, which reads the files while nothing runs: the engine is neither closed nor started meanwhile. */
  async whileRead<T>(work: () => Promise<T>): Promise<T> {
    const reading = work()
    this.#reading = Promise.allSettled([this.#reading, reading])
    return reading
  }

  /**
   * Runs `work` on the data of an instance whose engine does not run: one that does is stopped first, as by `stop`.
   * The directory's lock is held, and whoever needs the engine waits until `work` has ended. Throws `unsupported` for
   * one without a directory, `closed`, `in-use`, and what `work` throws.
   */
  async whileStopped<T>(work: (dataDirectory: string) => Promise<T>): Promise<T> {
    const { directory } = this.#options
    if (directory === null) throw new WorkbenchError('unsupported', `${this.name} has no files of its own`)
    if (this.#opening) await this.#opening.catch(() => undefined)
    const done = this.#closing.then(async () => {
      if (this.#isEnded) throw new WorkbenchError('closed', `${this.name} was closed`)
      await this.#closeNow()
      await this.#takeLock()
      try {
        return await work(join(directory, engineFolder))
      } finally {
        await this.#releaseLock()
      }
    })
    this.#closing = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }

  /** Stops for good. */
  async end(): Promise<void> {
    this.#isEnded = true
    try {
      // What it is being prepared with is not waited for.
      if (this.#opening) await this.#running?.engine.close()
      await this.stop()
    } finally {
      this.#didChange.dispose()
      this.#didLoseEngine.dispose()
      this.#didCrash.dispose()
      this.turns.dispose()
    }
  }

  #open(state: 'starting' | 'restarting', delayMs: number): Promise<Engine> {
    this.#opening ??= this.#openNow(state, delayMs).finally(() => (this.#opening = null))
    return this.#opening
  }

  async #openNow(state: 'starting' | 'restarting', delayMs: number): Promise<Engine> {
    this.#set({ state, failure: null })
    // There is time until the directory's lock is taken.
    this.#options.factory.prepare()
    try {
      await this.#closing
      await this.#reading
      await this.#pause(delayMs)
      await this.#takeLock()
      const { factory, snapshot } = this.#options
      const data = this.dataDirectory
      const mustExist = data !== null && this.#record.serverVersion !== null
      const { databases } = this
      this.#toldDatabases = databases
      const { options } = this
      this.#openedWith = options
      const engine = await factory.open({
        ...{ directory: data, mustExist, ...options, countedFor: this.id },
        ...(databases ? { databases } : {}),
        ...(snapshot ? { snapshot } : {}),
      })
      await this.#prepare(engine, data)
      return engine
    } catch (error) {
      await this.#releaseLock()
      this.#set({ state: 'failed', failure: toWireError(error).message })
      throw error
    }
  }

  /** Makes an engine that has just been opened the one of this instance. */
  async #prepare(engine: Engine, data: string | null): Promise<void> {
    const crashes = engine.onDidCrash((error) => this.#onCrash(engine, error))
    const place = data === null ? null : this.#watch(data, engine)
    this.#running = { engine, place, crashes }
    this.#lostFailure = null
    try {
      if (this.#isEnded) throw new WorkbenchError('closed', `${this.name} was closed while it started`)
      this.tellDatabases()
      if (this.#record.awaitsSample) await loadSampleDatabase(engine)
      const { serverVersion, engineVersion } = engine.info
      const known = { ...this.#record, serverVersion, engineVersion, awaitsSample: false }
      if (known.isIncoming === true) this.#record = known
      else {
        await this.#measure()
        await this.#store({ ...known, sizeBytes: this.#state.sizeBytes })
      }
    } catch (error) {
      this.#running = null
      crashes.dispose()
      place?.dispose()
      await engine.close()
      throw error
    }
    if (this.#running) this.#set({ state: 'ready' })
  }

  /** What is written where nobody finds it is not committed. */
  #watch(data: string, engine: Engine): DirectoryWatch {
    return new DirectoryWatch(data, {
      clock: this.#options.clock,
      onLost: () => void engine.discard(lostDirectory(this.name, data)),
    })
  }

  #onCrash(engine: Engine, error: WorkbenchError): void {
    if (this.#running?.engine !== engine) return
    const { place, crashes } = this.#running
    crashes.dispose()
    place?.dispose()
    this.#running = null
    // While it is being prepared, whoever prepares it fails.
    if (this.#opening) return
    this.#options.log.error(`The engine of ${this.name} ended unexpectedly`, error)
    const loss = place?.loss() ?? null
    if (loss !== null) this.#lostFailure = this.#describe(loss)
    const end = { message: error.message, log: engine.logTail ?? [], mustStayDown: loss !== null }
    const delayMs = this.#supervision.noteCrash(end)
    this.#didLoseEngine.fire(null)
    if (this.#options.directory === null) {
      const what = 'what this instance had in memory is gone'
      this.#set({ state: 'failed', failure: `The engine ended (${error.message}), and ${what}` })
      this.#tellCrash('lost')
    } else this.#goOn(delayMs, error)
  }

  #goOn(delayMs: number | null, error: WorkbenchError): void {
    if (delayMs === null) {
      this.#set({ state: 'failed', failure: this.#lostFailure ?? this.#downFailure(error) })
      // Its file is gone with the directory, and one that comes back is locked anew.
      if (this.#lostFailure !== null) this.#closing = this.#closing.then(() => this.#releaseLock())
      this.#tellCrash('stays-down')
    } else {
      this.#tellCrash('restarts')
      this.#open('restarting', delayMs).catch((failure: unknown) => this.#onFailedRestart(failure))
    }
  }

  /** One that ends while it starts has ended once more. Of all else the state says why; the next use tries again. */
  #onFailedRestart(failure: unknown): void {
    if (!(failure instanceof WorkbenchError) || this.#isEnded || this.#running) return
    if (failure.code !== 'engine-crashed' && failure.code !== 'engine-unresponsive') return
    this.#goOn(this.#supervision.noteCrash({ message: failure.message, log: [] }), failure)
  }

  #describe(loss: 'gone' | 'replaced'): string {
    const directory = this.#record.link?.dataDirectory ?? this.#options.directory ?? ''
    const worded = loss === 'gone' ? lostDirectory : replacedDirectory
    return worded(this.name, directory).message
  }

  #tellCrash(next: CrashNote['next']): void {
    const crash = this.#supervision.crashes.at(-1)
    if (crash) this.#didCrash.fire({ instanceId: this.id, name: this.name, crash, next })
  }

  #downFailure({ message }: WorkbenchError): string {
    return (
      `The engine ended ${this.#supervision.recentCount} times within a minute (${message}). What was ` +
      'committed is safe. Start the instance again, and avoid the statement that ran last'
    )
  }

  async #closeNow(): Promise<void> {
    const running = this.#running
    this.#running = null
    try {
      if (running) {
        running.crashes.dispose()
        running.place?.dispose()
        this.#didLoseEngine.fire(null)
        await this.#reading
        await running.engine.close()
        await this.#measure()
        await this.#keepSize()
      }
    } finally {
      await this.#releaseLock()
      if (running) this.#set({ state: 'stopped', failure: null })
    }
  }

  async #takeLock(): Promise<void> {
    const { directory, holder } = this.#options
    if (directory === null || this.#lock) return
    // A new one in its place would look as if everything had been deleted, and keep the old one from coming back.
    if (this.#record.serverVersion !== null && !existsSync(directory))
      throw lostDirectory(this.name, directory)
    this.#lock = await DirectoryLock.acquire(directory, holder)
    try {
      const { link } = this.#record
      if (link) this.#linkLock = await DirectoryLock.acquire(link.lockDirectory, holder)
      await recoverSwap(directory)
    } catch (error) {
      await this.#releaseLock()
      throw error
    }
  }

  async #releaseLock(): Promise<void> {
    const locks = [this.#lock, this.#linkLock]
    this.#lock = null
    this.#linkLock = null
    for (const lock of locks) await lock?.release()
  }

  async #store(record: InstanceRecord): Promise<void> {
    this.#record = record
    if (this.#options.directory !== null) await writeRecord(this.#options.directory, record)
  }

  async #measure(): Promise<void> {
    const { directory } = this.#options
    const engine = this.#running?.engine
    if (directory !== null) this.#set({ sizeBytes: await directorySize(join(directory, engineFolder)) })
    else this.#set({ sizeBytes: engine ? engine.memory().wasmBytes : null })
  }

  /** What cannot be written (the disk is full, the directory is gone) must not keep anybody from stopping. */
  async #keepSize(): Promise<void> {
    const { sizeBytes } = this.#state
    if (sizeBytes === this.#record.sizeBytes) return
    try {
      await this.#store({ ...this.#record, sizeBytes })
    } catch (error) {
      this.#options.log.error(`The size of ${this.name} could not be noted`, error)
    }
  }

  #pause(delayMs: number): Promise<void> {
    if (delayMs === 0) return Promise.resolve()
    return new Promise((resolve) => this.#options.clock.after(delayMs, resolve))
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
    this.#didChange.fire(this.describe())
  }
}
