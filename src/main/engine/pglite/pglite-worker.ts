/**
 * The entry of an engine's worker thread: opens Postgres, then serves the host's messages one after the other
 * without ever returning to its event loop, since Postgres blocks it while a statement runs. Reads messages by
 * looking into the port when the shared signal wakes it.
 */

import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import type { PGlite } from '@electric-sql/pglite'
import { assert, present } from '../../../base/assert.ts'
import { WorkbenchError, toWireError } from '../../../contract/error.ts'
import { createRowDecoder } from '../../../../native-wasm/js/create-row-decoder.ts'
import type { SessionSignal } from './builtins/signal-functions.ts'
import { AdaptiveSpin } from './adaptive-spin.ts'
import { BackendAlarm } from './backend-alarm.ts'
import { BackendLoop } from './backend-loop.ts'
import { ChannelRun } from './channel-run.ts'
import type { EngineDatabases } from '../engine.ts'
import type {
  BackendBeginning,
  BackendProgram,
  BackendStart,
  HostMessage,
  WorkerMessage,
} from './engine-message.ts'
import { noActivity } from './engine-message.ts'
import { EngineRecording } from './engine-recording.ts'
import { BackendLog, openBackend, type OpenedBackend } from './open-backend.ts'
import { DatabaseCatalog } from './databases/database-catalog.ts'
import { OutputWindow } from './output-window.ts'
import type { PgliteModule } from './pglite-module.ts'
import { LineRun } from './line-run.ts'
import { quickModule } from './quick-module.ts'
import { RunningTurn } from './running-turn.ts'
import { outputKinds, SharedLine, signalFlags } from './shared-line.ts'
import { hasSeveralProcessors } from './several-processors.ts'
import { SharedLog } from './shared-log.ts'
import { SharedSignals } from './shared-signals.ts'
import { BackendMemory } from './sessions/backend-memory.ts'
import { BackendSessions } from './sessions/backend-sessions.ts'
import { InternalQuery } from './sessions/internal-query.ts'
import { ownSession } from './sessions/own-session.ts'
import { SkewedClock } from './skewed-clock.ts'
import { SnapshotTaker } from './snapshot-taker.ts'
import { StatementRun } from './statement-run.ts'
import { WorkerContext } from './worker-context.ts'

const clock = new SkewedClock()
const { start, inbox } = workerData as { start: BackendStart; inbox: MessagePort }
const outbox = present(parentPort, 'The port of the parent')
const signals = new SharedSignals(start.signals)
const shared = new SharedLine(start.line)
const log = new BackendLog(new SharedLog(start.log))
/** Of the instance; null also before there is one. */
let directory: string | null = null
const endedSessions: number[] = []
const recording = new EngineRecording({
  onFirst: () => post({ kind: 'has-counted' }),
  onTaken: (deltas) => post({ kind: 'counted', deltas }),
})
/** Announced by frames of the line. */
const postedInput: (readonly Uint8Array[])[] = []
/** As the host has told last, and not yet applied. */
let knownDatabases: EngineDatabases | null = null
/** What has been taken from the port besides. */
const received: HostMessage[] = []
/** As of the last look into the port. */
let seenWakeCount = -1

/**
 * How long a worker that has just run something for the wire looks for more before it sleeps, if that is worth it. To
 * be woken takes 50 to 200 µs, and so does a client of this machine to answer, whose own sleep is as deep.
 */
const lineSpinMaxMs = 0.8

/**
 * After a session has begun, while no other client is there. The client of most is still logging in, and asks at once
 * when that is done; what is spent on those that do not is less than their log-in takes. Half of them ask within
 * 0.45 ms, nine of ten within 1.5 ms.
 */
const beginningSpinMaxMs = 0.8

/** While several ask by turns: their programs need the processor, and there is nearly always something to run. */
const lineSpinAmongManyMaxMs = 0.2

try {
  const program = awaitProgram()
  const { pglite, ...opened } = await openBackend(start, { log, signals, program, awaitBeginning })
  const serverVersion = await prepareSession(pglite)
  const context = createContext(pglite, { ...opened, program })
  const running = new RunningTurn({ loop: context.loop, clock, signals })
  context.signals.memoryBytes = context.loop.memoryBytes
  const { ownParameters: parameters } = context.sessions
  post({ kind: 'opened', serverVersion, decoder: context.driver.decoder.name, parameters })
  context.sessions.settle()
  serve(context, running)
  context.alarm.dispose()
  recording.give()
  await pglite.close()
  post({ kind: 'closed' })
} catch (error) {
  post({ kind: 'failed', error: toWireError(withReason(error)) })
}
inbox.close()

/** Whoever compiles it ends this thread if that fails. */
function awaitProgram(): BackendProgram {
  const message = signals.waitFor(receive)
  assert(message.kind === 'program', 'A worker is told first what it runs')
  return message.program
}

/** Whoever prepares the beginning ends this thread if that fails. */
function awaitBeginning(): BackendBeginning {
  const message = signals.waitFor(receive)
  assert(message.kind === 'begin', 'A worker is told next what it opens')
  directory = message.beginning.directory
  return message.beginning
}

/** Answers such as `18.4`. Results are read as UTF-8, whatever the database's own settings say. */
async function prepareSession(pglite: PGlite): Promise<string> {
  await pglite.exec(`set client_encoding to 'UTF8'`)
  const { rows } = await pglite.query<{ server_version: string }>('show server_version')
  return present(rows[0], 'The server version').server_version
}

function createContext(
  pglite: PGlite,
  opened: Omit<OpenedBackend, 'pglite'> & { readonly program: BackendProgram },
): WorkerContext {
  const { functions, database, beginning, program } = opened
  const { sessionLayout: layout } = program
  const module = quickModule(pglite.Module as unknown as PgliteModule)
  const loop = new BackendLoop(module)
  const memory = new BackendMemory(module)
  const sessions = new BackendSessions({
    ...{ module, loop, layout, signals },
    call: (index, ...parameters) => present(functions.get(index), `Function ${index}`)(...parameters),
    onNotification: (session, notification) => post({ kind: 'notification', session, notification }),
    onSignal: tellSignal,
    onStaleRoles: () => signals.changeRoles(),
    onRoles: (look) => post({ kind: 'roles', version: signals.rolesVersion, look }),
  })
  const alarm = new BackendAlarm({
    ...{ module, loop, signals },
    memory,
    onSet: (number, delayMs) => post({ kind: 'alarm', number, delayMs }),
  })
  const { databases: wanted } = beginning
  const query = new InternalQuery(loop)
  const databases = wanted && new DatabaseCatalog({ module, memory, layout, query, database }, wanted)
  return new WorkerContext({
    ...{ loop, sessions, alarm, snapshots: new SnapshotTaker(module, loop), databases },
    signals,
    output: new OutputWindow(outbox, { signals, windowBytes: start.outputWindowBytes }),
    createDecoder: () => createRowDecoder(),
    nowMs: clock.nowMs,
  })
}

/** Does one thing after the other until the host asks to close. */
function serve(context: WorkerContext, running: RunningTurn): void {
  const line = createLine(context, running)
  const spin = new AdaptiveSpin(lineSpinMaxMs)
  let lookedAtMs = 0
  const look = (): HostMessage | 'line' | undefined => {
    lookedAtMs = performance.now()
    return nextTask(context, line)
  }
  let last: HostMessage['kind'] | 'line' | null = null
  for (;;) {
    const beganAtMs = performance.now()
    const task: HostMessage | 'line' = context.signals.waitFor(look, spinMsAfter(last, { line, spin }))
    if (last === 'line') spin.learn(lookedAtMs - beganAtMs)
    last = task === 'line' ? task : task.kind
    if (task !== 'line' && task.kind === 'close') return
    if (task !== 'line' && task.kind !== 'session-open' && isIdle(context, line)) endSessions(context)
    if (task !== 'line') run(context, { running, message: task })
    context.signals.memoryBytes = context.loop.memoryBytes
  }
}

function spinMsAfter(
  last: HostMessage['kind'] | 'line' | null,
  { line, spin: { spinMs } }: { readonly line: LineRun; readonly spin: AdaptiveSpin },
): number {
  if (!hasSeveralProcessors) return 0
  if (last === 'session-open') return line.hasSeveral ? 0 : beginningSpinMaxMs
  if (last !== 'line') return 0
  return line.waitsForOne ? spinMs : Math.min(spinMs, lineSpinAmongManyMaxMs)
}

/** Something for the line has been done when it is a task. */
function nextTask(context: WorkerContext, line: LineRun): HostMessage | 'line' | undefined {
  // Again for what was posted before a frame that has been taken in, and after the look into the port.
  do {
    takeMessages()
    line.takeIn()
  } while (signals.wakeCount !== seenWakeCount)
  const message = received.shift()
  if (context.databases) settleDatabases(context.databases, { context, line })
  // Somebody may wait for that, and sees nothing of others.
  if (message?.kind === 'session-open') return message
  // Whoever is answered next finds nothing of them any more.
  if (endedSessions.length > 0 && isIdle(context, line)) endSessions(context)
  // Of whoever is about to begin nothing can be run.
  const hasRun = !received.some(({ kind }) => kind === 'session-open') && line.runNext()
  return message ?? (hasRun ? 'line' : undefined)
}

function settleDatabases(
  databases: DatabaseCatalog,
  { context, line }: { readonly context: WorkerContext; readonly line: LineRun },
): void {
  if (knownDatabases) databases.set(knownDatabases)
  knownDatabases = null
  if (databases.isDue && isIdle(context, line)) context.sessions.asOwn(() => databases.settle())
}

function run(context: WorkerContext, options: { running: RunningTurn; message: HostMessage }): void {
  const { running, message } = options
  context.output.begin()
  if (message.kind === 'execute') runStatement(context, { running, message })
  else if (message.kind === 'channel-open') runChannel(context, { running, message })
  else if (message.kind === 'session-open') openSession(context, message)
  else if (message.kind === 'snapshot' || message.kind === 'settle-files') sendSnapshot(context, message)
  // What else arrives belongs to a channel that has ended meanwhile.
  if (context.transaction === 'idle') context.sessions.settle()
}

function createLine(context: WorkerContext, running: RunningTurn): LineRun {
  return new LineRun(context, {
    ...{ shared, running, recording },
    takePosted: () => {
      takeMessages()
      return present(postedInput.shift(), 'What a frame announces')
    },
    wakeHost: () => post({ kind: 'line-output' }),
  })
}

function runStatement(
  context: WorkerContext,
  options: { running: RunningTurn; message: Extract<HostMessage, { kind: 'execute' }> },
): void {
  const { running, message } = options
  const { activity } = message
  context.sessions.enter(message.session)
  const statement = new StatementRun(context, message)
  const outcome = context.loop.converse(context.driver, () => running.during(activity, () => statement.run()))
  post({ kind: 'completed', activity, outcome })
}

function runChannel(
  context: WorkerContext,
  options: { running: RunningTurn; message: Extract<HostMessage, { kind: 'channel-open' }> },
): void {
  const { running, message } = options
  const { activity } = message
  context.sessions.enter(message.session)
  const channel = new ChannelRun(context, { activity, running, receive })
  context.loop.converse(channel, () => running.during(activity, () => channel.run()))
  post({ kind: 'channel-closed', activity })
}

/** Begins a session; whether anybody waits for that, or has been told already what it reports. */
function openSession(context: WorkerContext, message: Extract<HostMessage, { kind: 'session-open' }>): void {
  const { activity, beginning } = message
  const error = context.sessions.open(beginning)
  if (error) {
    if (activity !== noActivity) post({ kind: 'session-refused', activity, error })
    else post({ kind: 'session-failed', session: beginning.session, error })
    return
  }
  recording.begin(beginning)
  if (activity === noActivity) return
  const { sessions } = context
  const parameters = sessions.parametersOf(beginning.session)
  post({ kind: 'session-opened', activity, parameters, timeouts: sessions.timeouts.values })
}

function sendSnapshot(
  { sessions, snapshots }: WorkerContext,
  message: Extract<HostMessage, { kind: 'snapshot' | 'settle-files' }>,
): void {
  const { activity } = message
  try {
    sessions.enter(ownSession)
    if (message.kind === 'snapshot') {
      post({ kind: 'snapshot-taken', activity, snapshot: snapshots.take(message) })
    } else post({ kind: 'files-settled', activity, files: snapshots.settle(message) })
  } catch (error) {
    // A checkpoint for which there is no room, say. Nothing of what is left of Postgres may run any more.
    if (error instanceof WorkbenchError && error.code === 'engine-crashed') throw error
    post({ kind: 'snapshot-failed', activity, error: toWireError(error) })
  }
}

function isIdle(context: WorkerContext, line: LineRun): boolean {
  return context.transaction === 'idle' && line.isFree
}

function endSessions(context: WorkerContext): void {
  for (const session of endedSessions.splice(0)) {
    recording.end(session)
    if (context.sessions.has(session)) context.sessions.close(session)
  }
}

function receive(): HostMessage | undefined {
  if (received.length === 0) takeMessages()
  return received.shift()
}

/** Sessions end between two activities, whenever the host asks for it; what a frame announces waits for it. */
function takeMessages(): void {
  // Whoever posts wakes afterwards. Looking into the port takes as long as many looks at a word.
  const { wakeCount } = signals
  if (wakeCount === seenWakeCount) return
  seenWakeCount = wakeCount
  for (;;) {
    const taken: { message: HostMessage } | undefined = receiveMessageOnPort(inbox)
    if (!taken) return
    if (taken.message.kind === 'session-close') endSession(taken.message.session)
    else if (taken.message.kind === 'line-input') postedInput.push(taken.message.messages)
    else if (taken.message.kind === 'record') recording.configure(taken.message.options)
    else if (taken.message.kind === 'give-counted') recording.give()
    else if (taken.message.kind === 'databases') knownDatabases = taken.message.databases
    else received.push(taken.message)
  }
}

/** One that has not even begun never does. */
function endSession(session: number): void {
  const isIt = (message: HostMessage): boolean =>
    message.kind === 'session-open' && message.beginning.session === session
  const at = received.findIndex(isIt)
  if (at < 0) endedSessions.push(session)
  else received.splice(at, 1)
}

/** In front of what the statement that has asked for it puts out from now on. */
function tellSignal(session: number, signal: SessionSignal): void {
  const head = {
    kind: outputKinds.signal,
    place: 0,
    turn: session,
    takenBytes: 0,
    flags: signalFlags[signal],
  }
  if (shared.output.push(head, new Uint8Array(0))) post({ kind: 'line-output' })
  else post({ kind: 'signal', session, signal })
}

function post(message: WorkerMessage): void {
  outbox.postMessage(message)
}

/** A backend that ends says why in its log. */
function withReason(error: unknown): unknown {
  if (!(error instanceof WorkbenchError) || error.code !== 'engine-crashed' || !log.hasReason) return error
  if (/No space left on device|[Qq]uota exceeded/.test(log.reason)) {
    return new WorkbenchError(
      'disk-full',
      `No space is left for ${directory ?? 'the database'}, and Postgres ended (${log.reason}). Free some ` +
        'space and open it again; what was committed is safe',
      { cause: error },
    )
  }
  return new WorkbenchError(error.code, `${error.message}. Postgres: ${log.reason}`, { cause: error })
}
