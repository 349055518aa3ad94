/**
 * One client of the wire protocol after log-in: has a session of the backend of its own, and gets the backend
 * through the line for as long as its messages or its transaction need it. Passes bytes both ways; knows no
 * socket, and of the protocol only where the backend may change hands.
 */

import { onDispose, type Disposable } from '../../base/disposable.ts'
import { toWireError, type WorkbenchError } from '../../contract/error.ts'
import type {
  ConversationExpiry,
  ConversationState,
  ConversationWait,
  EngineConversation,
  EngineSession,
} from '../engine/engine.ts'
import { answerAhead, isBetween, isWithoutBackend } from './begin-ahead.ts'
import { endRunning } from './end-running.ts'
import { FrontendUnits, statementIn } from './frontend-units.ts'
import { PauseWatch } from './pause-watch.ts'
import { OutOfTurn } from './out-of-turn.ts'
import { harmfulStatements } from './harmful-statements.ts'
import type { SignalCall } from './signal-call.ts'
import { heldBytesMax, noBytes, userRequest } from './wire-conversation-options.ts'
import type { WireConversationOptions } from './wire-conversation-options.ts'
import type { LineClient } from './wire-line.ts'
import { findCancelError } from './wire-messages.ts'
import { WireOutput, type WireListener } from './wire-output.ts'
import { lockTimeout, WireBounds } from './wire-bounds.ts'
import * as endings from './wire-endings.ts'

export class WireConversation implements LineClient, Disposable {
  readonly processId: number
  readonly parameters: ReadonlyMap<string, string>
  readonly title: string
  readonly #ended = Promise.withResolvers<void>()
  /** Resolves when nothing of the client is left. */
  readonly ended: Promise<void> = this.#ended.promise
  readonly #options: WireConversationOptions
  readonly #units = new FrontendUnits()
  readonly #pauses: PauseWatch
  readonly #bounds: WireBounds
  readonly #outOfTurn: OutOfTurn
  readonly #output = new WireOutput()
  readonly #count: Disposable
  #session: EngineSession | null = null
  #conversation: EngineConversation | null = null
  #listening: Disposable | null = null
  #signals: Disposable | null = null
  /** The last messages with SQL in them: a prepared statement is executed without it. */
  #statement: readonly Uint8Array[] = []
  /** ReadyForQuery that what was sent last would be answered with. */
  #sentReadyCount = 0
  /** It waits for a lock of another session, with what was sent last, which is to be sent again. */
  #wait: ConversationWait | null = null
  /** A cancel was asked for while it ran: if it has ended in order to wait, it does not. */
  #isCancelled = false
  /** Waits for the line, or for something else before it can. */
  #isAsking = false
  #beginning: AbortController | null = null
  #isHeld = false
  /** Somebody has the backend on behalf of it, before what it has sent. */
  #watching: Promise<void> | null = null
  /** The client writes no more. */
  #end: endings.WireEnd | null = null
  /** Why it ends with what it runs. */
  #ending: WorkbenchError | null = null
  #isDisposed = false

  constructor(options: WireConversationOptions) {
    this.#options = options
    this.processId = options.processId
    this.parameters = options.parameters
    this.title = options.title
    this.#pauses = new PauseWatch({ clock: options.clock, onPause: () => this.#onPause() })
    this.#bounds = new WireBounds({
      clock: options.clock,
      onIdle: () => this.fail(endings.idleSession()),
      onWaited: (sqlState, message) => this.#onWaited(sqlState, message),
    })
    this.#outOfTurn = new OutOfTurn(options)
    this.#count = onDispose('wire-conversation', () => this.#close())
  }

  get activity(): { readonly statement: string | null; readonly waitingFor: string | null } {
    const { line } = this.#options
    const isWaiting = this.#units.isRunnable && this.#units.hasStatement
    return {
      statement: statementIn(isWaiting ? this.#units.pieces : this.#statement),
      waitingFor: this.#beginning
        ? line.holderTitle
        : (line.waitingFor(this) ?? (this.#wait && 'a lock of another session')),
    }
  }

  /** Begins to tell `listener`; before anything is written. */
  start(listener: WireListener): void {
    this.#output.start(listener)
    this.#tellNotifications()
    this.#watchIdle()
  }

  /** False when no more is taken until there is room. What ends the conversation is told to the listener. */
  write(bytes: Uint8Array): boolean {
    if (this.#isDisposed) return true
    this.#units.push(bytes)
    if (this.#units.isUnfinished) this.#pauses.came()
    this.#advance()
    return this.#output.mayWriteMore(!this.#isDisposed && this.#isTooMuch)
  }

  /** The client takes no more output for now, or again. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#conversation?.hold(isHeld)
    if (!isHeld && !this.#isDisposed) this.#advance()
  }

  /** Asks what runs or waits to end with 57014. */
  cancel(): void {
    if (this.#beginning) this.#beginning.abort(userRequest)
    else if (this.#wait) this.#endWait('57014', userRequest)
    else if (!this.#endUnbegun('57014', userRequest)) {
      // If the engine cannot be cancelled it is ended, and the conversation is told.
      this.#isCancelled = this.#state?.isRunning === true
      this.#conversation?.cancel().catch(() => undefined)
    }
  }

  /** Nothing is left of what it is a client of. */
  terminate(): void {
    this.fail(endings.terminated())
  }

  /** Another session has asked for it. */
  signal(signal: SignalCall['signal']): void {
    if (signal === 'cancel') this.cancel()
    else if (this.#conversation?.state.isRunning && !this.#conversation.withdraw()) {
      this.#ending = endings.terminated()
      void endRunning(this.#conversation, this.#options.clock, this.ended).then(() => this.terminate())
    } else this.terminate()
  }

  /** The client writes no more: what it has written is answered, then the output ends. */
  end(how: endings.WireEnd): void {
    this.#end = how
    if (!this.#outOfTurn.mayBecomeRequest(this.#units)) this.#units.release()
    if (!this.#isDisposed) this.#advance()
    this.#finishIfDone()
  }

  /** The output ends with `error`. */
  fail(error: unknown): void {
    if (this.#isDisposed) return
    const end = this.#output.takeEnd()
    this.dispose()
    end(error instanceof Error ? error : new Error(String(error)))
  }

  dispose(): void {
    this.#count.dispose()
  }

  /** Takes over the session that it is to use. */
  adopt(session: EngineSession): void {
    if (this.#isDisposed) {
      session.dispose()
      return
    }
    this.#session = session
    this.#signals = session.onDidSignal((signal) => this.signal(signal))
    this.#listening = session.onDidNotify((notification) => {
      this.#output.keepNotification(notification)
      this.#tellNotifications()
    })
    this.#conversation = session.converse({
      onOutput: (bytes) => this.#onOutput(bytes),
      onRest: () => this.#onRest(),
      onWait: (wait) => this.#onWait(wait),
      onFree: () => this.#onFree(),
      onExpired: (expiry) => this.#onExpired(expiry),
      onFailed: (error) =>
        error.code === 'invalid-message' ? this.#failCopy('08P01', error.message) : this.fail(error),
    })
    if (this.#isHeld) this.#conversation.hold(true)
  }

  /** For the line: its turn has come. */
  send(askedAtMs: number): boolean {
    this.#isAsking = false
    this.#isCancelled = false
    if (this.#isDisposed) return false
    if (this.#wait) {
      this.#wait = null
      return this.#conversation?.sendAgain() ?? false
    }
    const { readyCount, hasStatement } = this.#units
    const pieces = [...this.#outOfTurn.takePrepared(), ...this.#units.take()]
    if (hasStatement) this.#statement = pieces
    this.#sentReadyCount = readyCount
    try {
      return this.#conversation?.send(pieces, askedAtMs) ?? false
    } catch (error) {
      this.fail(error)
      return false
    } finally {
      this.#output.tellRoom(this.#isTooMuch)
    }
  }

  /** For the line: others have waited too long. */
  expire(): void {
    this.fail(endings.idleWhileOthersWait())
  }

  /**
   * Its client says nothing, and what it has sent asks for no answer; as a server would, it is run all the same, if
   * nobody has to wait for that. False if it is to be looked at again.
   */
  #onPause(): boolean {
    if (!this.#units.isUnfinished || this.#outOfTurn.mayBecomeRequest(this.#units)) return true
    const state = this.#state
    const isBusy = state?.isRunning === true && !state.isStarved
    if (isBusy || this.#isAsking || this.#wait || this.#options.line.isBusyBeside(this)) return false
    this.#units.release()
    this.#advance()
    return true
  }

  /** The COPY is told of what should not have come, and then the client that nothing more is understood. */
  #failCopy(sqlState: string, message: string): void {
    this.#output.error({ sqlState, message, readyCount: 0 })
    this.fail(endings.synchronizationLost())
  }

  /** Whatever can be done with what has been written is done. */
  #advance(): void {
    if (!this.#units.isRunnable || this.#isAsking || this.#wait) return
    const conversation = this.#conversation
    if (conversation?.state.isRunning) {
      if (conversation.mayCopy) this.#request()
      return
    }
    if (this.#isHeld) return
    const isBusy = this.#options.line.isBusyBeside(this)
    if (this.#answerAhead(isBusy)) return
    this.#isAsking = true
    if (this.#outOfTurn.mayAnswer(this.#units, isBusy) && isBetween(this.#state))
      void this.#answerOutOfTurn(isBusy)
    else if (!this.#tellWatch()) this.#askForTurn()
  }

  /** A transaction that has nothing to do yet needs no backend; false for all else. */
  #answerAhead(isBusy: boolean): boolean {
    const mayBegin = isBusy && !this.#outOfTurn.hasPrepared
    const answer = this.#conversation && answerAhead(this.#conversation, this.#units, mayBegin)
    if (!answer) return false
    this.#bounds.dispose()
    this.#statement = this.#units.take()
    this.#answerItself(answer)
    return true
  }

  /** What may do harm is told of first; false where there is nothing to tell. */
  #tellWatch(): boolean {
    const { watch, line, title } = this.#options
    const texts = watch?.isDue && this.#units.hasStatement ? harmfulStatements(this.#units.pieces, watch) : []
    if (!watch || texts.length === 0) return false
    const isFailed = this.#state?.transaction === 'failed'
    const loan = isWithoutBackend(this.#state) || isFailed ? null : line.lend(this)
    // A pipeline has begun already, and a failed transaction does nothing more.
    if (!isWithoutBackend(this.#state) && !loan) return false
    this.#watching = watch.beforeMessages({ texts, title, loan }).then(() => {
      this.#watching = null
      if (!this.#isDisposed) this.#askForTurn()
    })
    return true
  }

  #askForTurn(): void {
    if (!this.#conversation) {
      this.#bounds.wait(this.#options.timeouts)
      void this.#begin()
      return
    }
    const { transaction, isReady, timeouts } = this.#conversation.state
    // Who has the backend waits for nobody.
    if (transaction === 'idle' && isReady) this.#bounds.wait(timeouts)
    this.#request()
  }

  async #answerOutOfTurn(isBusy: boolean): Promise<void> {
    const bytes = this.#units.joined()
    const putBack = this.#units.setAside()
    // What cannot be found out, such as the roles of an engine that has ended, is found out by asking the engine.
    const answer = await this.#outOfTurn.answer(bytes, isBusy).catch(() => null)
    if (this.#isDisposed) return
    if (answer) this.#answerItself(answer)
    else {
      putBack()
      this.#askForTurn()
    }
  }

  #request(): void {
    try {
      this.#options.line.request(this)
    } catch (error) {
      this.fail(error)
    }
  }

  async #begin(): Promise<void> {
    const beginning = new AbortController()
    this.#beginning = beginning
    try {
      const session = await this.#options.begin(beginning.signal)
      this.#beginning = null
      this.adopt(session)
      // Its client was told what was expected of it.
      this.#output.changedParameters(session.parameters, this.parameters)
      if (!this.#isDisposed) this.#request()
    } catch (error) {
      this.#beginning = null
      this.#isAsking = false
      if (toWireError(error).code !== 'cancelled') this.fail(error)
      else {
        const message = String(beginning.signal.reason)
        this.#answerUntaken(message === lockTimeout ? '55P03' : '57014', message)
        this.#onRest()
      }
    }
  }

  /** What was sent has been done without the backend. */
  #answerItself(answer: Uint8Array): void {
    this.#isAsking = false
    this.#output.put(answer)
    this.#output.tellRoom(this.#isTooMuch)
    this.#goOn()
  }

  #onOutput(output: Uint8Array): void {
    const bytes = this.#outOfTurn.strip(output)
    if (bytes.length === 0) return
    const end = this.#ending ? findCancelError(bytes) : -1
    if (end < 0) this.#output.put(bytes)
    else {
      // It has ended itself: what it was told until then is the last of it.
      this.#output.put(bytes.subarray(0, end))
      this.fail(this.#ending)
    }
  }

  get #state(): ConversationState | undefined {
    return this.#conversation?.state
  }

  #onWait(wait: ConversationWait): void {
    this.#wait = wait
    if (this.#conversation) this.#bounds.wait(this.#conversation.state.timeouts)
    this.#options.line.rested(this, false)
    if (this.#isCancelled) this.#endWait('57014', userRequest)
    else this.#finishIfDone()
  }

  #onFree(): void {
    if (!this.#wait) return
    this.#isAsking = true
    this.#request()
  }

  #onExpired({ reason, isRunning }: ConversationExpiry): void {
    const error = reason === 'transaction' ? endings.transactionTimeout() : endings.idleInTransaction()
    if (isRunning) this.#ending = error
    else this.fail(error)
  }

  /** What waits is answered as a server answers what it has ended. */
  #endWait(sqlState: string, message: string): void {
    const answered = this.#wait?.answered ?? noBytes
    this.#wait = null
    this.#bounds.dispose()
    this.#options.line.withdraw(this)
    this.#isAsking = false
    this.#conversation?.waitsNoMore()
    this.#answerError(sqlState, message, answered)
    this.#goOn()
  }

  #onWaited(sqlState: string, message: string): void {
    if (this.#wait) this.#endWait(sqlState, message)
    else if (this.#beginning) this.#beginning.abort(message)
    else this.#endUnbegun(sqlState, message)
  }

  /** What waits for the backend is answered as if it had been begun; false when it has. */
  #endUnbegun(sqlState: string, message: string): boolean {
    if (this.#options.line.withdraw(this)) {
      this.#isAsking = false
      this.#bounds.dispose()
      this.#answerUntaken(sqlState, message)
      this.#goOn()
      return true
    }
    if (!this.#conversation?.withdraw()) return false
    this.#answerError(sqlState, message)
    return true
  }

  /** What has been received, and nobody has begun, is not run. */
  #answerUntaken(sqlState: string, message: string): void {
    this.#sentReadyCount = this.#units.readyCount
    this.#units.take()
    this.#answerError(sqlState, message)
    this.#output.tellRoom(this.#isTooMuch)
  }

  #onRest(): void {
    this.#bounds.dispose()
    if (this.#ending) {
      this.fail(this.#ending)
      return
    }
    const state = this.#state
    if (state?.isRunning !== true || state.isStarved) {
      const isPinned = state !== undefined && (state.transaction !== 'idle' || !state.isReady)
      this.#options.line.rested(this, isPinned)
    }
    this.#goOn()
  }

  /** Something has been answered. */
  #goOn(): void {
    this.#tellNotifications()
    this.#advance()
    this.#finishIfDone()
    this.#watchIdle()
  }

  /** Its client may say nothing for as long as its session allows. */
  #watchIdle(): void {
    if (this.#isDisposed || this.#isAsking || this.#wait || this.#units.isRunnable) return
    const state = this.#state
    if (state && !state.isRunning && isBetween(state)) this.#bounds.idle(state.timeouts)
  }

  /** Between two answers, never inside one. */
  #tellNotifications(): void {
    const state = this.#state
    if (this.#wait || state?.isReady === false || state?.isRunning === true || state?.ahead) return
    this.#output.tellNotifications()
  }

  /** What cannot be run yet is no reason to wait: only more makes it complete. */
  get #isTooMuch(): boolean {
    return this.#units.isRunnable && this.#units.heldBytes > heldBytesMax
  }

  #answerError(sqlState: string, message: string, answered = noBytes): void {
    this.#conversation?.failAhead()
    const transaction = this.#state?.ahead ?? 'idle'
    this.#output.error({ sqlState, message, readyCount: this.#sentReadyCount, transaction, answered })
  }

  #finishIfDone(): void {
    if (!this.#end || this.#isDisposed || this.#isAsking || this.#units.isRunnable) return
    const state = this.#state
    if (state?.isRunning === true) {
      // It waits for the data of a COPY.
      if (state.isStarved) this.#failCopy(...endings.endInCopy[this.#end])
      return
    }
    const end = this.#output.takeEnd()
    this.dispose()
    end(null)
  }

  #close(): void {
    this.#isDisposed = true
    this.#beginning?.abort()
    this.#pauses.dispose()
    this.#bounds.dispose()
    this.#listening?.dispose()
    this.#signals?.dispose()
    if (this.#watching) void this.#watching.then(() => this.#leave())
    else this.#leave()
    this.#options.onEnded()
  }

  #leave(): void {
    // Rolls back what is open; the backend takes up nothing else before.
    this.#conversation?.dispose()
    this.#session?.dispose()
    this.#options.line.leave(this)
    this.#ended.resolve()
  }
}
