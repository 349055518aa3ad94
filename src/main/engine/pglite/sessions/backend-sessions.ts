/**
 * The sessions that share one backend: which is current, what each keeps while another is, how one begins and
 * what its end leaves behind. Changes sessions only while the backend is idle. Knows no client and no turn.
 */

import { assert, present } from '../../../../base/assert.ts'
import type { SqlErrorFields } from '../../../../contract/error.ts'
import type { EngineClient, EngineNotification } from '../../engine.ts'
import { replaceSessionFunctions } from '../builtins/session-functions.ts'
import type { SessionSignal, SignalTarget } from '../builtins/signal-functions.ts'
import type { BackendLoop } from '../backend-loop.ts'
import { parameterStatusMessage } from '../../protocol/backend-message.ts'
import type { PgliteModule } from '../pglite-module.ts'
import type { SharedSignals } from '../shared-signals.ts'
import { BackendMemory } from './backend-memory.ts'
import { ClientPort } from './client-port.ts'
import type { ShownStatement } from './backend-status.ts'
import { CurrentTimeouts } from './current-timeouts.ts'
import { InternalQuery } from './internal-query.ts'
import { findNotifiedProcess, Listeners, ownChannel } from './listeners.ts'
import { newKeptSession, type KeptSession } from './kept-session.ts'
import { LockWaits, type LockOwner } from './lock-waits.ts'
import { answerOwnSignals } from './own-signals.ts'
import { ownSession } from './own-session.ts'
import { ownSlot, ProcessSlots } from './process-slots.ts'
import { reportedSettings } from './reported-settings.ts'
import { ReadOnlyLock, readOnlySetting } from './read-only-lock.ts'
import { RoleDefaults, type InitialSetting } from './role-defaults.ts'
import { RoleWatch, type RoleLook } from './role-watch.ts'
import { SessionSettings } from './session-settings.ts'
import type { SettingRecord } from './setting-record.ts'
import type { SessionLayout } from './session-layout.ts'
import { StatementTrees } from './statement-trees.ts'
import { SessionWordSwap } from './session-words.ts'
import { WriteWatch } from './write-watch.ts'
import { quoteLiteral } from './sql-quoting.ts'

export interface SessionBeginning {
  /** Its number; never used before. */
  readonly session: number
  readonly processId: number
  /** The role that has logged in. */
  readonly role: string
  /** Start-up parameters. */
  readonly settings: readonly (readonly [name: string, value: string])[]
  /** Where its client connects from; absent for sessions without one. */
  readonly client?: EngineClient
  /** As of EngineSessionOptions. */
  readonly isReadOnly?: boolean
}

export interface BackendSessionsOptions {
  readonly module: PgliteModule
  readonly loop: BackendLoop
  readonly layout: SessionLayout
  readonly signals: SharedSignals
  /** Calls a function of the module by its index. */
  call(index: number, ...parameters: readonly number[]): unknown
  /** For a session that is not current. */
  onNotification(session: number, notification: EngineNotification): void
  /** A statement has asked for it, of another session or of its own. */
  onSignal(session: number, signal: SessionSignal): void
  /** Roles may have changed, before whoever has changed them is told. */
  onStaleRoles(): void
  /** What they are since then. */
  onRoles(look: RoleLook): void
}

const listenAsOwn = `listen ${ownChannel}`

/** Temporary schemas that a backend which ended without a word has left. */
const leftSchemas = `select nspname from pg_catalog.pg_namespace where nspname ~ '^pg_(toast_)?temp_0_'`

export class BackendSessions {
  /** Statements that would wait for another session's lock. */
  readonly lockWaits: LockWaits
  /** Of the current session. */
  readonly timeouts: CurrentTimeouts
  readonly trees: StatementTrees
  readonly #query: InternalQuery
  readonly #layout: SessionLayout
  readonly #memory: BackendMemory
  readonly #words: SessionWordSwap
  readonly #slots: ProcessSlots
  readonly #port: ClientPort
  readonly #settings: SessionSettings
  readonly #reportedRecords: readonly SettingRecord[]
  readonly #listeners: Listeners
  readonly #roles: RoleWatch
  readonly #roleDefaults: RoleDefaults
  readonly #readOnlyLock: ReadOnlyLock
  readonly #onRoles: BackendSessionsOptions['onRoles']
  readonly #onNotification: BackendSessionsOptions['onNotification']
  readonly #onSignal: BackendSessionsOptions['onSignal']
  readonly #loop: BackendLoop
  readonly #module: PgliteModule
  readonly #kept = new Map<number, KeptSession>()
  #current = ownSession
  #useCount = 0

  /** Takes the backend as it is for its own session; it must be idle. */
  constructor(options: BackendSessionsOptions) {
    const { module, loop, layout, call, onNotification, onSignal } = options
    this.#loop = loop
    this.#onRoles = (look) => options.onRoles(look)
    this.#onSignal = (session, signal) => onSignal(session, signal)
    this.#module = module
    this.#onNotification = (session, notification) => onNotification(session, notification)
    this.#query = new InternalQuery(loop)
    this.#layout = layout
    this.#memory = new BackendMemory(module)
    this.#words = new SessionWordSwap(module, this.#memory, layout)
    this.#port = new ClientPort(module, this.#memory)
    this.#slots = new ProcessSlots({ module, memory: this.#memory, layout })
    this.#settings = new SessionSettings({
      module,
      memory: this.#memory,
      settingTable: layout.settingTable,
      call: (index, ...parameters) => void call(index, ...parameters),
    })
    this.#reportedRecords = this.#settings.watch(reportedSettings)
    this.timeouts = new CurrentTimeouts(this.#settings)
    this.trees = new StatementTrees(this.#settings)
    this.#readOnlyLock = new ReadOnlyLock({ module, memory: this.#memory, settings: this.#settings, call })
    const [countsRows] = this.#settings.watch(['track_counts'])
    const { sharedIndex } = layout
    const watched = {
      module,
      memory: this.#memory,
      sharedIndex,
      countsRows: present(countsRows, 'track_counts'),
    }
    const writes = new WriteWatch({ ...watched, signals: options.signals })
    loop.setBeforeAnswer(() => writes.tell())
    this.lockWaits = new LockWaits({
      ...{ module, memory: this.#memory },
      owners: () => this.#lockOwners(),
      current: () => this.#currentLockOwner(),
      onWait: (session, isWaiting) => {
        const slot = this.#kept.get(session)?.slot ?? null
        if (slot !== null) this.#slots.setWaiting(slot, isWaiting)
      },
    })
    answerOwnSignals(module, this.#memory)
    const place = { module, memory: this.#memory, table: layout.builtinFunctions, call }
    replaceSessionFunctions(place, {
      onWouldWait: (lock) => this.lockWaits.refuse(lock),
      blockersOf: (processId) => {
        const target = this.#findProcess(processId)
        return target ? this.lockWaits.blockersOf(target.session).map((owner) => owner.processId) : []
      },
      current: () => this.#port.systemUser,
      find: (processId) => this.#findProcess(processId),
      onSignal: (session, signal) => this.#signal(session, signal),
    })
    this.#kept.set(ownSession, {
      ...this.#newSession(this.#memory.word(module._MyProcPid), null),
      slot: ownSlot,
    })
    for (const [schema] of this.#query.run(leftSchemas).rows) this.#query.run(`drop schema ${schema} cascade`)
    this.#roleDefaults = new RoleDefaults(this.#query, () => writes.next)
    this.#listeners = new Listeners(module, this.#memory, layout.listenChannels)
    this.#slots.notifiedProcess = findNotifiedProcess(
      { module, memory: this.#memory },
      (processId) => this.#slots.setProcessId(processId),
      () => this.#query.run(listenAsOwn),
    )
    this.#slots.setProcessId(this.#memory.word(module._MyProcPid))
    this.#roles = new RoleWatch(module, this.#query, () => options.onStaleRoles())
    loop.setAround({ ready: (sendReady) => this.#aroundReady(sendReady), midway: () => this.#beforeMidway() })
  }

  get current(): number {
    return this.#current
  }

  /** Begins a session and makes it current; on an error there is none, and the engine's own is current. */
  open(beginning: SessionBeginning): SqlErrorFields | null {
    const { session, processId, role } = beginning
    if (!this.#roleDefaults.isKnown(role)) this.enter(ownSession)
    const defaults = this.#roleDefaults.of(role)
    const kept = this.#newSession(processId, beginning.client ?? null)
    this.#kept.set(session, kept)
    this.enter(session)
    const settings = [...defaults, ...beginning.settings]
    if (beginning.isReadOnly) settings.push(readOnlySetting)
    const error = this.#authenticate(kept, role) ?? this.#begin(settings)
    kept.isReadOnly = beginning.isReadOnly === true
    this.#readOnlyLock.isOn = kept.isReadOnly
    if (error) this.close(session)
    else this.#report()
    if (!error && kept.slot !== null) this.#slots.forgetActivity(kept.slot)
    return error
  }

  /** Gives the backend to a session. */
  enter(session: number): void {
    if (session === this.#current) return
    const next = present(this.#kept.get(session), `Session ${session}`)
    const last = present(this.#kept.get(this.#current), `Session ${this.#current}`)
    last.words = this.#words.take()
    last.settings = this.#settings.take(last.settings)
    last.placeholders = this.#settings.takePlaceholders()
    const isOtherTemp = this.#words.put(next.words)
    this.#slots.enter(this.#slotFor(next), next.processId)
    this.#port.enter(next.client)
    this.#readOnlyLock.isOn = next.isReadOnly
    this.#listeners.ensureList()
    this.#settings.putPlaceholders(next.placeholders)
    this.#settings.exchange(last.settings, next.settings)
    // Functions are planned once for all sessions, with the temporary tables of whoever called them first.
    if (isOtherTemp) this.#settings.forgetPlans()
    const left = this.#current
    this.#current = session
    this.#nameTempSchemas(left, last)
  }

  /** Ends a session and everything of it. Most have left nothing, and need not be current for that. */
  close(session: number): void {
    assert(session !== ownSession, 'The engine keeps its own session')
    const kept = present(this.#kept.get(session), `Session ${session}`)
    const { words } = kept
    const isListening = this.#listeners.isListening(this.#words.listOf(words))
    const hasLeft = isListening || this.#words.hasLeftAnything(words)
    if (session === this.#current || hasLeft || kept.tempSchemas.length > 0) this.#endInside(session)
    this.#kept.delete(session)
    for (const schema of kept.tempSchemas) this.#query.run(`drop schema ${schema} cascade`)
    this.#listeners.forget(session)
    this.#words.free(kept.words)
    this.#settings.free(kept.settings, kept.placeholders)
    if (kept.slot !== null) this.#slots.release(kept.slot)
    this.lockWaits.forget(session)
  }

  /** Ends what only the session itself can; the engine's own is current afterwards. */
  #endInside(session: number): void {
    this.enter(session)
    const commands = this.#leftovers()
    if (commands.length > 0) this.#query.run(commands.join('; '))
    this.enter(ownSession)
  }

  /** Its client has been told that something is done which the backend has not been given. */
  showStatement(session: number, statement: ShownStatement): void {
    const slot = this.#kept.get(session)?.slot ?? null
    if (slot !== null) this.#slots.showStatement(slot, statement)
  }

  #findProcess(processId: number): SignalTarget | null {
    for (const [session, kept] of this.#kept) {
      if (kept.processId === processId && session !== ownSession) return { session, role: kept.role }
    }
    return null
  }

  /** What the current session runs ends at its next occasion; the others are the host's to end. */
  #signal(session: number, signal: SessionSignal): void {
    if (session === this.#current) this.#loop.requestCancel()
    const slot = this.#kept.get(session)?.slot ?? null
    if (signal === 'terminate' && slot !== null) this.#slots.hide(slot)
    this.#onSignal(session, signal)
  }

  /** The current session first. */
  #lockOwners(): LockOwner[] {
    const current = this.#current
    const others = [...this.#kept].filter(([session]) => session !== current && session !== ownSession)
    return [
      this.#currentLockOwner(),
      ...others.map(([session, { words }]) => this.#lockOwner(session, words.lockTable)),
    ]
  }

  #currentLockOwner(): LockOwner {
    return this.#lockOwner(this.#current, this.#memory.word(this.#layout.localLocks))
  }

  #lockOwner(session: number, table: number): LockOwner {
    return { session, processId: this.#kept.get(session)?.processId ?? 0, table }
  }

  /** Does what waited for the end of a turn; the backend must be idle. */
  settle(): void {
    this.#endLeftTransaction()
    this.#settleTempSchemas()
    if (this.#roles.isStale) this.asOwn(() => this.#onRoles(this.#roles.look()))
    if (this.#listeners.isRegistered) return
    // A session has stopped listening, and took the backend off the register.
    this.#listeners.ensureList()
    this.asOwn(() => this.#query.run(listenAsOwn))
  }

  /** Its schemas for temporary tables get names of their own before the session can ask for them again. */
  #settleTempSchemas(): void {
    const isNew = this.#memory.word(this.#layout.tempNamespace) !== 0 && this.#current !== ownSession
    // Whoever takes over from it names them.
    if (isNew && this.#kept.get(this.#current)?.tempSchemas.length === 0) this.asOwn(() => undefined)
  }

  /** Runs in the engine's own session; the backend must be idle. */
  asOwn(run: () => void): void {
    const current = this.#current
    this.enter(ownSession)
    run()
    this.enter(current)
  }

  /**
   * A simple query in the middle of a pipeline makes Postgres forget that it is in a transaction, and say so: the
   * next statement of the same client would fail with XX000 in a server, and here anybody's would.
   */
  #endLeftTransaction(): void {
    const module = this.#module
    if (module._IsTransactionState() === 0) return
    this.#query.call(() => module._AbortCurrentTransaction())
  }

  /** Postgres hands out what has been notified now. It belongs to whoever listens, not to who is current. */
  #aroundReady(sendReady: () => void): void {
    this.#listeners.note(this.#current)
    if (this.#current !== ownSession) this.#tellChanges()
    if (!this.#listeners.isAnybodyThere) {
      sendReady()
      return
    }
    this.#loop.divert(
      () => this.#listeners.whileAllListen(sendReady),
      (bytes) => this.#sort(bytes),
    )
  }

  /** What the current session reports of itself; its client is told of changes from here on. */
  #report(): Readonly<Record<string, string>> {
    const kept = present(this.#kept.get(this.#current), 'The current session')
    const values = this.#loop.readSettings(reportedSettings)
    kept.reported = { fingerprint: this.#settings.fingerprint(this.#reportedRecords), values }
    return values
  }

  /** ParameterStatus for each reported setting that has another value than its client knows. */
  #tellChanges(): void {
    const reported = this.#kept.get(this.#current)?.reported
    if (!reported || this.#settings.hasFingerprint(this.#reportedRecords, reported.fingerprint)) return
    // Where both change, a server tells of the role first, which has changed last (guc_report_list).
    const { session_authorization: role = '', ...others } = this.#report()
    for (const [name, value] of [['session_authorization', role] as const, ...Object.entries(others)]) {
      if (reported.values[name] !== value) this.#loop.put(parameterStatusMessage(name, value))
    }
  }

  /** What the engine's own session reports, as others do that begin. */
  get ownParameters(): Readonly<Record<string, string>> {
    return this.#loop.readSettings(reportedSettings)
  }

  /** As of the last time that its client was told. */
  parametersOf(session: number): Readonly<Record<string, string>> {
    return this.#kept.get(session)?.reported?.values ?? {}
  }

  /**
   * A COMMIT in the middle of a pipeline may have notified: Postgres looks for that as soon as it reads what comes
   * behind, and not again when it is ready.
   */
  #beforeMidway(): (() => void) | null {
    if (!this.#listeners.isAnybodyThere || this.#module._IsTransactionState() !== 0) return null
    const hand = this.#loop.beginDivert((bytes) => this.#sort(bytes))
    const hide = this.#listeners.showAll()
    return () => {
      hide()
      hand()
    }
  }

  #sort(bytes: Uint8Array): Uint8Array[] {
    return this.#listeners.sort(bytes, this.#current, this.#onNotification)
  }

  #newSession(processId: number, client: EngineClient | null): KeptSession {
    const own = this.#current === ownSession ? null : this.#kept.get(ownSession)
    const words = this.#words.fresh(own?.words ?? null)
    return newKeptSession({ processId, client, startedAt: this.#module._GetCurrentTimestamp(), words })
  }

  /** The process of a session that is about to become current. */
  #slotFor(kept: KeptSession): number {
    kept.lastUse = ++this.#useCount
    if (kept.slot !== null) return kept.slot
    if (!this.#slots.hasFree) this.#releaseSlot()
    // Where every session holds locks, those beyond share the engine's own process.
    if (!this.#slots.hasFree) return ownSlot
    const { processId, startedAt, role, client } = kept
    const database = this.#memory.word(this.#module._MyDatabaseId)
    kept.slot = this.#slots.take({ processId, startedAt, role, client, database })
    return kept.slot
  }

  /** Takes the process of the session that has been idle for longest, unless locks belong to it. */
  #releaseSlot(): void {
    let idle: KeptSession | null = null
    for (const [session, kept] of this.#kept) {
      const holds = kept.words.lockTable !== 0 || this.lockWaits.isWaiting(session)
      const isInUse = session === ownSession || session === this.#current || holds
      if (kept.slot !== null && !isInUse && (idle === null || kept.lastUse < idle.lastUse)) idle = kept
    }
    if (!idle || idle.slot === null) return
    this.#slots.release(idle.slot)
    idle.slot = null
  }

  has(session: number): boolean {
    return this.#kept.has(session)
  }

  /** Postgres refuses every way back to the superuser once it believes that this role has logged in. */
  #authenticate(kept: KeptSession, role: string): SqlErrorFields | null {
    const name = 'session_authorization'
    const set = (): void => this.#settings.set(name, role)
    const { error } = this.#query.callInTransaction(this.#module, set)
    if (error) return error
    this.#settings.keepAsInitial(name)
    // What it goes back to must be a text of its own.
    this.#query.callInTransaction(this.#module, set)
    kept.role = this.#words.authenticate()
    if (kept.slot !== null) this.#slots.setRole(kept.slot, kept.role)
    return null
  }

  #begin(settings: readonly InitialSetting[]): SqlErrorFields | null {
    for (const [name, value, source] of settings) {
      // Finds the conversions, which only a transaction can; from then on Postgres has them in a list.
      if (name.toLowerCase() === 'client_encoding') {
        this.#query.run(`set client_encoding = ${quoteLiteral(value)}`)
      }
      const { error } = this.#query.call(() => this.#settings.setInitial(name, value, source))
      if (error) return error
    }
    return null
  }

  /**
   * Postgres has made the schemas for temporary tables under the names of the only backend there is. Under
   * names of their own they are this session's; the next one gets new ones.
   */
  #nameTempSchemas(session: number, left: KeptSession): void {
    if (left.tempSchemas.length > 0 || !this.#words.hasTempNamespace(left.words)) return
    const current = this.#current
    // Postgres has a callback that empties them at its end, and room for few; it is not told of the others.
    const { exitCallbackCount } = this.#layout
    this.#memory.setWord(exitCallbackCount, this.#memory.word(exitCallbackCount) - 1)
    this.enter(ownSession)
    // Read as the number 0, which is where the files of its tables are (catalog/namespace.c).
    left.tempSchemas = [`pg_temp_0_${session}`, `pg_toast_temp_0_${session}`]
    this.#query.run(
      `alter schema pg_temp_0 rename to pg_temp_0_${session}; ` +
        `alter schema pg_toast_temp_0 rename to pg_toast_temp_0_${session}`,
    )
    this.enter(current)
  }

  /** What the current session has left, as the commands that end it. */
  #leftovers(): string[] {
    const { preparedQueries, unnamedStatement } = this.#layout
    const commands: string[] = []
    if (this.#words.hasOpenCursors) commands.push('close all')
    if (this.#words.hasLocks) commands.push('select pg_catalog.pg_advisory_unlock_all()')
    if (this.#memory.word(preparedQueries) !== 0) commands.push('deallocate all')
    if (this.#listeners.isCurrentListening) commands.push('unlisten *')
    // Any simple query ends the unnamed statement.
    if (commands.length === 0 && this.#memory.word(unnamedStatement) !== 0) commands.push('')
    return commands
  }
}
