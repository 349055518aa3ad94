/**
 * Counts the statements of one conversation: follows what the client sends (which statement an Execute means) and
 * what the backend answers (how it has ended), from one ReadyForQuery to the next. Makes no string of either.
 * Protocol: PostgreSQL 18 documentation, sections 54.2 and 54.7.
 */

import type { StatementCallerName } from '../../statistics/statement-deltas.ts'
import type { StatementRecorder } from '../../statistics/statement-recorder.ts'
import { frameBytes, frameHeadBytes } from '../protocol/message-frames.ts'
import { AnswerReader } from './answer-reader.ts'
import { ApplicationFollower } from './application-follower.ts'
import type { EngineRecording } from './engine-recording.ts'
import { SentCall } from './sent-call.ts'
import { SentNames } from './sent-names.ts'
import { nameEnd, SentStatement, type SentPortal } from './sent-statement.ts'

const types = { query: 0x51, parse: 0x50, bind: 0x42, execute: 0x45, close: 0x43 } as const
const answers = {
  dataRow: 0x44,
  commandComplete: 0x43,
  emptyQuery: 0x49,
  suspended: 0x73,
  error: 0x45,
  parameterStatus: 0x53,
  ready: 0x5a,
} as const

/** Executes between two ReadyForQuery that are remembered; those beyond are not counted. */
const callsMax = 4_096
/** What the client has sent is kept no longer than that, until it is counted; more is counted at once. */
const gatheredPieceBytes = 4 << 10
/** What the client has sent with a statement is kept for as long as nothing takes its place. */
const keptPieceBytes = 64 << 10

export class ConversationRecording {
  readonly #recorder: StatementRecorder
  #callCount = 0
  /** Of the calls: those that have been answered. */
  #answered = 0
  #rows = 0
  #bytes = 0
  #startMs = 0
  #waitMs = 0
  /** The first one of those that were sent; most often there is no other. */
  #first = new SentCall()
  /** A simple query is answered once for each of its statements. */
  #isSimple = false
  /** Some of what was sent is long. */
  #isLong = false
  /** Part of a message that is read comes with the next output. */
  #isMidway = false
  /** One of several statements, as a whole: what counts where the answers are others than were expected. */
  #whole: SentStatement | null = null
  /** null before the first call: its session may begin after the conversation. */
  #caller: StatementCallerName | null = null
  readonly #session: number
  readonly #nowMs: () => number
  readonly #recording: EngineRecording
  readonly #statements = new SentNames<SentStatement>()
  readonly #portals = new SentNames<SentPortal>()
  /** What was parsed or bound last, which is what an error means before anything is executed. */
  #last: SentStatement | SentPortal | null = null
  /** Behind the first; as many as there have been at once. */
  readonly #others: SentCall[] = []
  readonly #answer = new AnswerReader()
  readonly #application: ApplicationFollower

  constructor(
    recording: EngineRecording,
    { session, nowMs }: { readonly session: number; readonly nowMs: () => number },
  ) {
    this.#recording = recording
    this.#recorder = recording.recorder
    this.#session = session
    this.#application = new ApplicationFollower((name) => (this.#caller = recording.rename(session, name)))
    this.#nowMs = nowMs
  }

  /** The backend is given to the conversation, after it has waited. */
  beginRun(startMs: number, waitMs: number): void {
    if (this.#callCount === 0) this.#startMs = startMs
    this.#waitMs += waitMs
  }

  /** A message of the client that the backend is about to read. */
  onMessage(piece: Uint8Array, at: number): void {
    if (!this.#recorder.isOn) return
    switch (piece[at]) {
      case types.query:
        this.#isSimple = true
        if (piece.length > gatheredPieceBytes) this.#isLong = true
        this.#begin(new SentStatement(piece, at + frameHeadBytes, at + frameBytes(piece, at) - 1), null)
        break
      case types.parse:
        this.#onParse(piece, at + frameHeadBytes)
        break
      case types.bind:
        this.#onBind(piece, at + frameHeadBytes)
        break
      case types.execute:
        this.#onExecute(this.#portals.find(piece, at + frameHeadBytes))
        break
      case types.close: {
        const names = piece[at + frameHeadBytes] === 0x53 ? this.#statements : this.#portals
        names.delete(piece, at + frameHeadBytes + 1)
        break
      }
      default:
        break
    }
  }

  /** A message of the backend in `bytes`: see FrameScanner. */
  onAnswer(type: number, bytes: Uint8Array, bodyAt: number): void {
    switch (type) {
      case answers.dataRow:
        this.#rows += 1
        break
      case answers.commandComplete:
        // Its tag says how many rows there were, which is known of those that came.
        if (this.#rows === 0) this.#read(type, bytes, bodyAt)
        if (this.#isSimple && !isBeforeReady(type, bytes, bodyAt)) this.#split()
        this.#complete()
        break
      case answers.error:
        this.#read(type, bytes, bodyAt)
        if (this.#isSimple) this.#split()
        this.#onError()
        break
      case answers.suspended:
      case answers.emptyQuery:
        // They have no tag.
        this.#answer.rows = 0
        this.#complete()
        break
      case answers.parameterStatus:
        this.#application.begin(bytes, bodyAt)
        this.#lookWhetherMidway()
        break
      default:
        break
    }
  }

  /** Before the messages in them are told. */
  onOutput(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    if (!this.#isMidway) return
    if (this.#answer.isUnfinished) this.#answer.goOn(bytes)
    if (this.#application.isUnfinished) this.#application.goOn(bytes)
    this.#lookWhetherMidway()
  }

  /** ReadyForQuery: everything that was sent has been answered. `isVoid`: and will be sent again. */
  onReady(isVoid: boolean): void {
    if (!isVoid && this.#callCount > 0) this.#record()
    this.#callCount = 0
    this.#answered = 0
    this.#isSimple = false
    this.#isLong = false
    this.#whole = null
    this.#rows = 0
    this.#bytes = 0
    this.#waitMs = 0
  }

  #read(type: number, bytes: Uint8Array, bodyAt: number): void {
    this.#answer.begin(type, bytes, bodyAt)
    this.#lookWhetherMidway()
  }

  #lookWhetherMidway(): void {
    this.#isMidway = this.#answer.isUnfinished || this.#application.isUnfinished
  }

  /**
   * Each statement of a simple query is a call, if there is one answer for each. Whether there are several is not
   * looked for until something is answered that one would not answer alone.
   */
  #split(): void {
    const whole = this.#first.statement
    if (this.#whole || !whole || this.#callCount !== 1) return
    const { text, start, end } = whole
    const firstAt = text.indexOf(semicolon, start)
    if (firstAt < 0 || firstAt >= end - 1) return
    const parts = splitQuery(text, { start, end, recorder: this.#recorder })
    if (parts.length <= 1) return
    this.#whole = whole
    let at = start
    parts.forEach((partEnd, index) => {
      const call = this.#callAt(index)
      call.begin(new SentStatement(text, at, partEnd), this.#startMs)
      at = partEnd
    })
    this.#callCount = parts.length
  }

  #onParse(piece: Uint8Array, nameAt: number): void {
    const sent = new SentStatement(piece, nameEnd(piece, nameAt), -1)
    if (piece.length > gatheredPieceBytes) this.#isLong = true
    const isKept = piece[nameAt] === 0 && piece.length <= keptPieceBytes
    this.#last = sent
    this.#statements.set(piece, nameAt, isKept ? sent : sent.toKept(this.#recorder))
  }

  #onBind(piece: Uint8Array, portalAt: number): void {
    const statementAt = nameEnd(piece, portalAt)
    const statement = this.#statements.find(piece, statementAt)
    if (!statement) {
      this.#portals.delete(piece, portalAt)
      return
    }
    if (piece.length > gatheredPieceBytes) this.#isLong = true
    // One without a name is soon followed by another; those with names may be many.
    const own = piece[portalAt] === 0 ? piece : piece.slice()
    const bind = piece.length <= keptPieceBytes ? own : null
    const portal = { statement, bind, nameAt: statementAt }
    this.#last = portal
    this.#portals.set(piece, portalAt, portal)
  }

  #callAt(index: number): SentCall {
    if (index === 0) return this.#first
    return (this.#others[index - 1] ??= new SentCall())
  }

  /** null for one that is not known. */
  #onExecute(portal: SentPortal | null): void {
    this.#begin(portal && portal.statement, portal)
  }

  #begin(statement: SentStatement | null, portal: SentPortal | null): void {
    let startMs = this.#startMs
    const count = this.#callCount
    const before = count > 0 ? this.#callAt(count - 1) : null
    if (before && before.endMs < 0) {
      startMs = this.#nowMs()
      before.endMs = startMs
    }
    if (count >= callsMax) return
    const call = this.#callAt(count)
    call.begin(statement, startMs)
    if (portal) call.bind(portal)
    this.#callCount = count + 1
  }

  get #unanswered(): SentCall | null {
    return this.#answered < this.#callCount ? this.#callAt(this.#answered) : null
  }

  #complete(): void {
    const call = this.#unanswered
    if (!call) return
    call.rows += this.#rows > 0 ? this.#rows : this.#answer.rows
    this.#rows = 0
    if (this.#isSimple && !this.#whole) return
    call.bytes = this.#bytes
    this.#bytes = 0
    this.#answered += 1
    const next = this.#whole ? this.#unanswered : null
    // The last one has the commit.
    if (!next) return
    call.endMs = this.#nowMs()
    next.startMs = call.endMs
  }

  /** What comes behind it is passed over up to the next Sync, or is not run at all. */
  #onError(): void {
    if (this.#answered >= this.#callCount && this.#last) this.#beginLast(this.#last)
    const call = this.#unanswered
    if (!call) return
    call.rows += this.#rows
    this.#rows = 0
    this.#callCount = this.#answered + 1
    // It is read when all of it has come.
    call.sqlState = unread
  }

  #beginLast(last: SentStatement | SentPortal): void {
    if (last instanceof SentStatement) this.#begin(last, null)
    else this.#onExecute(last)
  }

  /**
   * A body of SQL has semicolons of its own (BEGIN ATOMIC), rules answer for nobody, and what cannot be parsed is not
   * run at all: then the query is one call after all.
   */
  #mendSplit(whole: SentStatement): void {
    const first = this.#first
    const last = this.#callAt(this.#callCount - 1)
    const hasFailed = last.sqlState !== null
    const isUnparsed = hasFailed && this.#answered === 0 && this.#answer.sqlState === syntaxError
    if (hasFailed ? !isUnparsed : this.#answered === this.#callCount) return
    first.statement = whole
    first.endMs = -1
    for (let index = 1; index < this.#callCount; index++) {
      const { rows, bytes, startMs } = this.#callAt(index)
      first.rows += rows
      first.bytes += bytes
      first.startMs = Math.min(first.startMs, startMs)
    }
    this.#callCount = 1
  }

  #record(): void {
    const endMs = this.#nowMs()
    if (this.#whole) this.#mendSplit(this.#whole)
    for (let index = 0; index < this.#callCount; index++) {
      const call = this.#callAt(index)
      if (!call.statement) continue
      call.ms = (call.endMs < 0 ? endMs : call.endMs) - call.startMs
      if (call.sqlState !== null) call.sqlState = this.#answer.sqlState
      if (index === this.#callCount - 1) call.bytes += this.#bytes
      call.waitMs = this.#waitMs
      this.#waitMs = 0
      call.caller = this.#caller ??= this.#recording.callerOf(this.#session)
      const other = this.#recording.gather(call)
      if (index === 0) this.#first = other
      else this.#others[index - 1] = other
    }
    this.#startMs = endMs
    if (this.#isLong) this.#recording.release()
  }
}

/** Whether a message is the last one before ReadyForQuery; false where that is not to be seen. */
function isBeforeReady(type: number, bytes: Uint8Array, bodyAt: number): boolean {
  const at = bodyAt - frameHeadBytes
  return at >= 0 && bytes[at] === type && bytes[at + frameBytes(bytes, at)] === answers.ready
}

/** A query of more counts as one. */
const splitMax = 64
const semicolon = 0x3b
const syntaxError = '42601'

interface Splitting {
  readonly start: number
  readonly end: number
  readonly recorder: StatementRecorder
}

/** Where its statements end; one where there are too many. */
function splitQuery(piece: Uint8Array, { start, end, recorder }: Splitting): number[] {
  const ends: number[] = []
  for (let at = start; at < end;) {
    if (ends.length >= splitMax) return [end]
    at = recorder.firstEnd(piece, at, end)
    while (at < end && isBlank(piece[at] ?? 0)) at += 1
    ends.push(at)
  }
  return ends
}

/** White space, and semicolons of statements that are none. */
const isBlank = (byte: number): boolean => byte <= 0x20 || byte === semicolon

const unread = ''
