/**
 * The host's side of one PGlite: the Engine that sessions use, over one worker thread. Owns the thread, the one
 * activity that may be current, and every way in which either can end.
 */

import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import { Emitter, type Event } from '../../../base/event.ts'
import { WorkbenchError, fromWireError, toWireError } from '../../../contract/error.ts'
import type {
  Engine,
  EngineDatabases,
  EngineEvent,
  EngineInfo,
  EngineMemory,
  EngineNotification,
  EngineRole,
  EngineSession,
  EngineSessionOptions,
  EngineSnapshot,
  EngineStatement,
  EngineWrites,
  EngineUsage,
  ProtocolChannel,
  SettledFiles,
} from '../engine.ts'
import type { Activity } from './activity.ts'
import { attemptCancel, type CancelAttemptOptions } from './cancel-attempt.ts'
import { ChannelActivity } from './channel-activity.ts'
import type { SessionSignal } from './builtins/signal-functions.ts'
import type { BackendBeginning, HostMessage, OpenedSession, WorkerMessage } from './engine-message.ts'
import { EngineCounting } from './engine-counting.ts'
import { EngineLine } from './engine-line.ts'
import type { EngineThread } from './engine-thread.ts'
import { HostAlarm } from './host-alarm.ts'
import { KnownRoles } from './known-roles.ts'
import { PgliteSession } from './pglite-session.ts'
import { cancelExpression } from './running-turn.ts'
import { SessionBeginnings } from './session-beginnings.ts'
import { SessionOpening } from './session-opening.ts'
import { closedError, failing, hung, unresponsive } from './engine-endings.ts'
import type { SessionBeginning } from './sessions/backend-sessions.ts'
import { ownSession } from './sessions/own-session.ts'
import { LateWake } from './late-wake.ts'
import { LivenessWatch, type LivenessBounds } from './liveness-watch.ts'
import { lineActivity } from './shared-line.ts'
import { anyTurn } from './shared-signals.ts'
import { hasSeveralProcessors } from './several-processors.ts'
import { SnapshotTaking } from './snapshot-taking.ts'
import { StatementActivity } from './statement-activity.ts'
import { transferable } from './transferable.ts'

export interface PgliteEngineOptions {
  /** Of its own; nobody else listens to it. */
  readonly thread: EngineThread
  readonly beginning: BackendBeginning
  readonly clock: Clock
  readonly engineVersion: string
  readonly firstProcessId: number
  /** Settles when the directory has been filled; null if it is there. */
  readonly directoryReady: Promise<unknown> | null
  /** How long a cancel may take before the worker is ended. */
  readonly cancelBoundMs: number
  /** How long closing may take before the worker is ended. */
  readonly closeBoundMs: number
  /** When a worker counts as one that hangs. */
  readonly liveness: LivenessBounds
  /** The worker has ended, for whatever reason. */
  onEnded(engine: PgliteEngine): void
}

type State =
  | { readonly kind: 'opening'; resolve(): void; reject(error: WorkbenchError): void }
  | { readonly kind: 'open' }
  | { readonly kind: 'closing' }
  | { readonly kind: 'ended'; readonly error: WorkbenchError }

export class PgliteEngine implements Engine {
  info: EngineInfo
  readonly #options: PgliteEngineOptions
  readonly #thread: EngineThread
  readonly #line: EngineLine
  readonly #alarm: HostAlarm
  readonly #lateWake: LateWake
  readonly #liveness: LivenessWatch
  readonly #notified = new Emitter<{ readonly session: number; readonly notification: EngineNotification }>()
  readonly #signalled = new Emitter<{ readonly session: number; readonly signal: SessionSignal }>()
  readonly #crashed = new Emitter<WorkbenchError>()
  readonly #ended: Promise<void>
  #announceEnd: () => void = () => undefined
  #state: State = { kind: 'closing' }
  #activity: Activity | null = null
  /** Disposed channels whose backend is not idle yet; the worker takes nothing up before. */
  readonly #endingChannels = new Map<number, ChannelActivity>()
  /** What the engine's own session listens to. */
  readonly onDidNotify: Event<EngineNotification> = (listener) =>
    this.#notified.event((told) => told.session === ownSession && listener(told.notification))
  readonly #roles: KnownRoles
  readonly #beginnings: SessionBeginnings
  #parameters: Readonly<Record<string, string>> = {}
  readonly #sessions = new Map<number, { readonly session: number; readonly role: string }>()
  #activityNumber = 0
  #sessionCount = ownSession
  #processId: number
  #closing: Promise<void> | null = null

  readonly onDidCrash = this.#crashed.event
  readonly statistics: EngineCounting

  /** Gives the worker its beginning, and resolves when Postgres runs in it. */
  static async open(options: PgliteEngineOptions): Promise<PgliteEngine> {
    const engine = new PgliteEngine(options)
    const opened = new Promise<void>((resolve, reject) => {
      engine.#state = { kind: 'opening', resolve, reject }
    })
    const told = engine.#begin()
    try {
      await opened
    } finally {
      // Nothing writes there any more when the caller is told of a failure.
      await told
    }
    return engine
  }

  /** Lets the worker begin when its directory is there, or ends it. */
  async #begin(): Promise<void> {
    const { beginning, directoryReady } = this.#options
    try {
      if (directoryReady) await directoryReady
      this.#thread.send({ kind: 'begin', beginning })
    } catch (error) {
      await this.#thread.terminate(fromWireError(toWireError(error)))
    }
  }

  private constructor(options: PgliteEngineOptions) {
    const { engineVersion } = options
    this.#options = options
    this.#processId = options.firstProcessId - 1
    this.info = { engine: 'pglite', engineVersion, serverVersion: '' }
    this.#ended = new Promise((resolve) => (this.#announceEnd = resolve))
    this.#thread = options.thread
    this.#thread.listen({
      onMessage: (message) => this.#onMessage(message),
      onEnd: (error) => this.#onEnd(error),
    })
    this.#roles = new KnownRoles(options.clock, () => this.#thread.signals.rolesVersion)
    this.statistics = new EngineCounting(options.clock, (message) => this.#thread.send(message))
    this.#alarm = new HostAlarm(options.clock, this.#thread)
    this.#lateWake = new LateWake(options.clock, this.#thread, hasSeveralProcessors)
    const wakeForBeginning = (): void => this.#lateWake.wakeMeanwhile(this.#line.isEmpty)
    this.#beginnings = new SessionBeginnings(this.#thread, wakeForBeginning)
    this.#liveness = new LivenessWatch(this.#thread, {
      ...{ clock: options.clock, bounds: options.liveness },
      onHung: () => void this.#thread.terminate(hung()),
    })
    this.#line = new EngineLine({
      shared: this.#thread.line,
      send: (message, transfer) => this.#thread.send(message, transfer),
      wakeIfAsleep: () => this.#thread.wake(),
      wakeLater: () => this.#lateWake.wakeLater(),
      mayLook: hasSeveralProcessors,
      clock: options.clock,
      cancel: ({ session, ...asked }, ended) => this.#cancelTurn(lineActivity(session), { ...asked, ended }),
      onSignal: (session, signal) => this.#signalled.fire({ session, signal }),
    })
  }

  async openSession(options: EngineSessionOptions): Promise<EngineSession> {
    this.#assertIdle()
    const refusal = this.#endedError()
    if (refusal) throw refusal
    // Of clients that have left meanwhile nobody is told.
    this.#line.drain()
    const session = ++this.#sessionCount
    const processId = options.processId ?? this.reserveProcessId()
    const beginning = { ...options, session, processId }
    const foreseen = options.mayBeginLater && this.#line.isSettled ? this.#beginnings.later(beginning) : null
    const { parameters, timeouts } = foreseen ?? (await this.#beginNow(beginning))
    this.#sessions.set(processId, { session, role: options.role })
    return new PgliteSession({
      ...{ processId, parameters },
      execute: (statement) => this.#execute(statement, session),
      openChannel: () => this.#openChannel(session),
      converse: (listener) => this.#line.open({ session, timeouts, listener }),
      cancel: () => this.cancel(),
      onDidSignal: (listener) =>
        this.#signalled.event(({ signal, session: to }) => to === session && listener(signal)),
      onDidNotify: (listener) =>
        this.#notified.event(({ notification, session: to }) => to === session && listener(notification)),
      end: () => {
        this.#sessions.delete(processId)
        this.#thread.sendQuietly({ kind: 'session-close', session })
        this.#lateWake.wakeLater()
      },
    })
  }

  #beginNow(beginning: SessionBeginning): Promise<OpenedSession> {
    const opening = new SessionOpening(this.#nextNumber())
    this.#activity = opening
    return this.#beginnings.now(beginning, opening)
  }

  reserveProcessId(): number {
    this.#processId += 1
    return this.#processId
  }

  get parameters(): Readonly<Record<string, string>> {
    return this.#parameters
  }

  roles(patienceMs: number): Promise<ReadonlyMap<string, EngineRole>> {
    return this.#roles.get(patienceMs)
  }

  snapshot(options: {
    readonly known: EngineSnapshot | null
    readonly bytesMax: number
  }): Promise<EngineSnapshot> {
    return this.#takeSnapshot((activity) => ({ kind: 'snapshot', activity, ...options })).taken
  }

  settleFiles(options: {
    readonly known: string | null
    readonly skipsEmpty: boolean
  }): Promise<SettledFiles> {
    return this.#takeSnapshot((activity) => ({ kind: 'settle-files', activity, ...options })).settled
  }

  #takeSnapshot(message: (activity: number) => HostMessage): SnapshotTaking {
    this.#assertIdle()
    const activity = new SnapshotTaking(this.#nextNumber())
    const refusal = this.#endedError()
    if (refusal) {
      activity.fail(refusal)
      return activity
    }
    this.#activity = activity
    this.#thread.send(message(activity.number))
    return activity
  }

  signal(processId: number, signal: SessionSignal, may: (role: string) => boolean): boolean {
    const found = this.#sessions.get(processId)
    if (!found || !may(found.role)) return false
    this.#signalled.fire({ session: found.session, signal })
    return true
  }

  execute(statement: EngineStatement): AsyncIterable<EngineEvent> {
    return this.#execute(statement, ownSession)
  }

  openChannel(): ProtocolChannel {
    return this.#openChannel(ownSession)
  }

  #execute(statement: EngineStatement, session: number): AsyncIterable<EngineEvent> {
    this.#assertIdle()
    const refusal = this.#refusal(statement)
    if (refusal) return failing(refusal)
    const number = this.#nextNumber()
    const activity: StatementActivity = new StatementActivity({
      number,
      grant: (bytes) => this.#grant(number, bytes),
      ...(statement.onTree ? { onTree: (tree) => statement.onTree?.(tree) } : {}),
      onLeft: () => this.#cancel(activity, 0),
    })
    this.#activity = activity
    const { sql, parameters, parameterTypes = [], resultBytesMax } = statement
    const wantsTree = statement.onTree !== undefined
    const request = { sql, parameters, parameterTypes, resultBytesMax, wantsTree }
    const message = { kind: 'execute', activity: number, session, ...request } as const
    this.#thread.send(message, transferable(sql))
    return activity.events
  }

  #openChannel(session: number): ProtocolChannel {
    this.#assertIdle()
    const refusal = this.#endedError()
    if (refusal) throw refusal
    const number = this.#nextNumber()
    const channel: ChannelActivity = new ChannelActivity({
      number,
      transaction: 'idle',
      send: (message, transfer) => this.#thread.send(message, transfer),
      grant: (bytes) => this.#grant(number, bytes),
      onDisposed: () => this.#endChannel(channel),
    })
    this.#activity = channel
    this.#thread.send({ kind: 'channel-open', activity: number, session })
    return channel
  }

  async cancel(): Promise<void> {
    const activity = this.#activity
    const turn = activity?.cancellableTurn ?? null
    if (activity && turn !== null) await this.#cancel(activity, turn)
  }

  get logTail(): readonly string[] {
    return this.#thread.log.lines
  }

  get writes(): EngineWrites {
    const { nextTransaction, isUncounted } = this.#thread.signals
    return { nextTransaction, areCounted: !isUncounted }
  }

  memory(): EngineMemory {
    return { wasmBytes: this.#state.kind === 'ended' ? 0 : this.#thread.signals.memoryBytes }
  }

  usage(): Promise<EngineUsage | null> {
    return this.#thread.usage()
  }

  setDatabases(databases: EngineDatabases): void {
    if (this.#state.kind === 'open') this.#thread.send({ kind: 'databases', databases })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async discard(reason?: WorkbenchError): Promise<void> {
    if (this.#state.kind === 'ended') return
    if (reason) return this.#thread.terminate(reason)
    this.#state = { kind: 'closing' }
    this.#closing ??= this.#ended
    await this.#thread.terminate(closedError())
  }

  async #close(): Promise<void> {
    if (this.#state.kind === 'ended') return
    const activity = this.#activity
    this.#state = { kind: 'closing' }
    if (activity instanceof ChannelActivity) activity.dispose()
    else if (activity) await this.#cancel(activity, anyTurn)
    this.#line.dispose()
    this.#thread.send({ kind: 'close' })
    const { clock, closeBoundMs } = this.#options
    const bound = clock.after(closeBoundMs, () => void this.#thread.terminate(closedError()))
    await this.#ended
    bound.dispose()
  }

  #assertIdle(): void {
    const isIdle = this.#activity === null && this.#line.isResting
    assert(isIdle, 'An engine runs one thing at a time')
  }

  #refusal(statement: EngineStatement): WorkbenchError | null {
    const { buffer, byteOffset, byteLength } = statement.sql
    // Buffer searches with memchr; a typed array's own search takes 60 ms for a statement of 50 MB.
    if (Buffer.from(buffer, byteOffset, byteLength).includes(0)) {
      return new WorkbenchError(
        'invalid-argument',
        'The statement contains a NUL character, which Postgres cannot read; remove it',
      )
    }
    return this.#endedError()
  }

  #endedError(): WorkbenchError | null {
    if (this.#state.kind === 'open') return null
    return this.#state.kind === 'ended' ? this.#state.error : closedError()
  }

  #nextNumber(): number {
    // Wraps before it leaves the positive 32-bit numbers; 0 means none.
    this.#activityNumber = (this.#activityNumber % 0x7fff_fffe) + 1
    return this.#activityNumber
  }

  /** Credit counts for the current activity only: the worker begins each one with a fresh window. */
  #grant(number: number, bytes: number): void {
    if (bytes > 0 && this.#activity?.number === number) this.#thread.signals.grant(bytes)
  }

  #cancel(activity: Activity, turn: number): Promise<void> {
    return this.#cancelTurn(activity.number, { turn, ended: activity.turnEnded(turn) })
  }

  /** Asks the worker to end a turn of an activity, and ends the worker when it does not. */
  #cancelTurn(
    activity: number,
    { turn, ...until }: { readonly turn: number } & Pick<CancelAttemptOptions, 'ended' | 'isOver'>,
  ): Promise<void> {
    return this.#attempt({
      ...until,
      ask: () => {
        this.#thread.signals.cancel(activity, turn)
        this.#thread.interrupt(cancelExpression(activity, turn))
      },
      takeBack: () => this.#thread.signals.takeBackCancel(activity, turn),
    })
  }

  #attempt(how: Pick<CancelAttemptOptions, 'ended' | 'isOver' | 'ask' | 'takeBack'>): Promise<void> {
    const { clock, cancelBoundMs: boundMs } = this.#options
    const ended = Promise.race([how.ended, this.#ended])
    const onBoundPassed = (): Promise<void> => this.#thread.terminate(unresponsive(boundMs))
    return attemptCancel({ ...how, ended, clock, boundMs, onBoundPassed })
  }

  /** The worker brings the backend back to idle by itself; what it runs meanwhile is of no use. */
  #endChannel(channel: ChannelActivity): void {
    if (this.#activity === channel) this.#activity = null
    if (this.#state.kind === 'ended') return
    this.#endingChannels.set(channel.number, channel)
    this.#thread.signals.end(channel.number)
    this.#thread.send({ kind: 'channel-end', activity: channel.number })
    void this.#attempt({
      ended: channel.closed,
      ask: () => this.#thread.interrupt(cancelExpression(channel.number, anyTurn)),
    })
  }

  #onMessage(message: WorkerMessage): void {
    switch (message.kind) {
      case 'opened':
        this.#parameters = message.parameters
        this.#onOpened(message.serverVersion)
        break
      case 'roles':
        this.#roles.take(message.version, message.look)
        break
      case 'has-counted':
        this.statistics.noteAny()
        break
      case 'counted':
        this.statistics.take(message.deltas)
        break
      case 'signal':
        this.#signalled.fire(message)
        break
      case 'session-failed':
        this.#line.refuse(message.session, this.#beginnings.failed(message.error))
        break
      case 'line-output':
        this.#line.lookNow()
        break
      case 'alarm':
        this.#alarm.set(message.number, message.delayMs)
        break
      case 'notification':
        this.#notified.fire(message)
        break
      case 'closed':
      case 'failed':
        // The thread ends by itself now, and says so.
        break
      default:
        this.#onActivityMessage(message)
    }
  }

  #onOpened(serverVersion: string): void {
    this.info = { ...this.info, serverVersion }
    const state = this.#state
    this.#state = { kind: 'open' }
    if (state.kind === 'opening') state.resolve()
  }

  #onActivityMessage(message: Extract<WorkerMessage, { activity: number }>): void {
    const activity = this.#activity
    if (activity?.number === message.activity) {
      if (activity.onMessage(message)) this.#activity = null
    } else if (this.#endingChannels.get(message.activity)?.onMessage(message)) {
      this.#endingChannels.delete(message.activity)
    }
  }

  #onEnd(error: WorkbenchError): void {
    const state = this.#state
    const endError = state.kind === 'closing' ? closedError() : error
    this.#state = { kind: 'ended', error: endError }
    this.#alarm.dispose()
    this.#lateWake.dispose()
    this.statistics.end()
    this.#liveness.dispose()
    this.#activity?.fail(endError)
    this.#activity = null
    this.#line.drain()
    this.#line.fail(endError)
    this.#roles.fail(endError)
    this.#endingChannels.clear()
    this.#announceEnd()
    this.#options.onEnded(this)
    if (state.kind === 'opening') state.reject(error)
    else if (state.kind === 'open') this.#crashed.fire(error)
    this.#crashed.dispose()
    this.#notified.dispose()
  }
}
