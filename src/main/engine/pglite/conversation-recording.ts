/**
 * Counts the statements of one conversation: follows what the client sends (which statement an Execute means) and
 * what the backend answers (how it has ended), from one ReadyForQuery to the next. Makes no string of either.
 * Protocol: PostgreSQL 18 documentation, sections 54.2 and 54.7.
 */

import type { CallExample, StatementCallerName } from '../../statistics/statement-deltas.ts'
import type { RecordedCall, StatementRecorder } from '../../statistics/statement-recorder.ts'
import { frameBytes, frameHeadBytes } from '../protocol/message-frames.ts'
import { exampleOf, type SentStatement } from './sent-statement.ts'
import { AnswerReader } from './answer-reader.ts'
import { ApplicationFollower } from './application-follower.ts'
import type { EngineRecording } from './engine-recording.ts'

const types = { query: 0x51, parse: 0x50, bind: 0x42, execute: 0x45, close: 0x43 } as const
const answers = {
  dataRow: 0x44,
  commandComplete: 0x43,
  emptyQuery: 0x49,
  suspended: 0x73,
  error: 0x45,
  parameterStatus: 0x53,
} as const

/** Statements and portals of one client that are followed; those beyond are not counted. */
const namesMax = 10_000
/** Executes between two ReadyForQuery that are remembered; those beyond are not counted. */
const callsMax = 4_096

/** One that has been sent, and what is known of its answer. Used again for the next. */
class Call implements RecordedCall {
  readonly isHit = false
  /** null where it is not known what it means. */
  sent: SentStatement | null = null
  startMs = 0
  /** -1 while it runs. */
  endMs = -1
  ms = 0
  rows = 0
  bytes = 0
  waitMs = 0
  sqlState: string | null = null

  begin(sent: SentStatement | null, startMs: number): void {
    this.sent = sent
    this.startMs = startMs
    this.endMs = -1
    this.rows = 0
    this.bytes = 0
    this.waitMs = 0
    this.sqlState = null
  }

  example(): CallExample {
    return this.sent ? exampleOf(this.sent, this.ms) : { text: '', parameters: null, durationMs: this.ms }
  }
}

export class ConversationRecording {
  readonly #recording: EngineRecording
  #caller: StatementCallerName
  readonly #nowMs: () => number
  readonly #statements = new Map<number, SentStatement>()
  readonly #portals = new Map<number, SentStatement>()
  readonly #answer = new AnswerReader()
  readonly #application: ApplicationFollower
  /** As many as there have been at once; the first `#callCount` are in use. */
  readonly #calls: Call[] = []
  #callCount = 0
  /** Of the calls: those that have been answered. */
  #answered = 0
  /** A simple query is answered once for each of its statements. */
  #isSimple = false
  /** One of several statements, as a whole: what counts where the answers are others than were expected. */
  #whole: SentStatement | null = null
  /** What was parsed or bound last, which is what an error means before anything is executed. */
  #last: SentStatement | null = null
  #rows = 0
  #bytes = 0
  #startMs = 0
  #waitMs = 0

  constructor(
    recording: EngineRecording,
    { session, nowMs }: { readonly session: number; readonly nowMs: () => number },
  ) {
    this.#recording = recording
    this.#caller = recording.callerOf(session)
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
    if (!this.#recording.recorder.isOn) return
    switch (piece[at]) {
      case types.query:
        this.#isSimple = true
        this.#onQuery(piece, at + frameHeadBytes, at + frameBytes(piece, at))
        break
      case types.parse:
        this.#onParse(piece, at)
        break
      case types.bind:
        this.#onBind(piece, at)
        break
      case types.execute:
        this.#begin(this.#portals.get(nameKey(piece, at + frameHeadBytes)) ?? null)
        break
      case types.close: {
        const names = piece[at + frameHeadBytes] === 0x53 ? this.#statements : this.#portals
        names.delete(nameKey(piece, at + frameHeadBytes + 1))
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
        if (this.#rows === 0) this.#answer.begin(type, bytes, bodyAt)
        this.#complete()
        break
      case answers.error:
        this.#answer.begin(type, bytes, bodyAt)
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
        break
      default:
        break
    }
  }

  /** Before the messages in them are told. */
  onOutput(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    if (this.#answer.isUnfinished) this.#answer.goOn(bytes)
    if (this.#application.isUnfinished) this.#application.goOn(bytes)
  }

  /** ReadyForQuery: everything that was sent has been answered. `isVoid`: and will be sent again. */
  onReady(isVoid: boolean): void {
    if (!isVoid && this.#callCount > 0) this.#record()
    this.#callCount = 0
    this.#answered = 0
    this.#isSimple = false
    this.#whole = null
    this.#rows = 0
    this.#bytes = 0
    this.#waitMs = 0
  }

  #sentIn(piece: Uint8Array, start: number, end: number): SentStatement {
    // Without the NUL at the end.
    const shape = this.#recording.recorder.shapeOf(piece, start, end - 1)
    return { shape, text: piece, start, end: end - 1, bind: null, bindAt: 0 }
  }

  /** Each of its statements is a call, if there is one answer for each. */
  #onQuery(piece: Uint8Array, start: number, end: number): void {
    this.#begin(this.#sentIn(piece, start, end))
    const first = piece.indexOf(semicolon, start)
    if (first < 0 || first >= end - 2) return
    const parts = splitQuery(piece, { start, end: end - 1, recorder: this.#recording.recorder })
    const [whole] = this.#calls
    if (parts.length <= 1 || !whole || this.#callCount !== 1) return
    this.#whole = whole.sent
    let at = start
    parts.forEach((partEnd, index) => {
      const call = this.#calls[index] ?? new Call()
      this.#calls[index] = call
      call.begin(this.#sentIn(piece, at, partEnd + 1), this.#startMs)
      at = partEnd
    })
    this.#callCount = parts.length
  }

  #onParse(piece: Uint8Array, at: number): void {
    const nameAt = at + frameHeadBytes
    const textAt = nameEnd(piece, nameAt)
    const end = nameEnd(piece, textAt)
    const sent = this.#sentIn(piece, textAt, end)
    this.#last = sent
    const key = nameKey(piece, nameAt)
    // The piece would be kept as long as the statement is.
    const kept = key === unnamed && piece.length <= keptPieceBytes ? sent : ownText(sent)
    if (this.#statements.size < namesMax || this.#statements.has(key)) this.#statements.set(key, kept)
  }

  #onBind(piece: Uint8Array, at: number): void {
    const portalAt = at + frameHeadBytes
    const statementAt = nameEnd(piece, portalAt)
    const sent = this.#statements.get(nameKey(piece, statementAt))
    const key = nameKey(piece, portalAt)
    if (!sent) {
      this.#portals.delete(key)
      return
    }
    const bind = piece.length <= keptPieceBytes ? piece : null
    const { shape, text, start, end } = sent
    const bound = { shape, text, start, end, bind, bindAt: nameEnd(piece, statementAt) }
    this.#last = bound
    if (this.#portals.size < namesMax || this.#portals.has(key)) this.#portals.set(key, bound)
  }

  #begin(sent: SentStatement | null): void {
    let startMs = this.#startMs
    const count = this.#callCount
    const before = count > 0 ? this.#calls[count - 1] : undefined
    if (before && before.endMs < 0) {
      startMs = this.#nowMs()
      before.endMs = startMs
    }
    if (count >= callsMax) return
    const call = this.#calls[count] ?? new Call()
    this.#calls[count] = call
    call.begin(sent, startMs)
    this.#callCount = count + 1
  }

  get #unanswered(): Call | undefined {
    return this.#answered < this.#callCount ? this.#calls[this.#answered] : undefined
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
    const next = this.#whole ? this.#unanswered : undefined
    // The last one has the commit.
    if (!next) return
    call.endMs = this.#nowMs()
    next.startMs = call.endMs
  }

  /** What comes behind it is passed over up to the next Sync, or is not run at all. */
  #onError(): void {
    if (this.#answered >= this.#callCount && this.#last) this.#begin(this.#last)
    const call = this.#unanswered
    if (!call) return
    call.rows += this.#rows
    this.#rows = 0
    this.#callCount = this.#answered + 1
    // It is read when all of it has come.
    call.sqlState = unread
  }

  /**
   * A body of SQL has semicolons of its own (BEGIN ATOMIC), rules answer for nobody, and what cannot be parsed is not
   * run at all: then the query is one call after all.
   */
  #mendSplit(whole: SentStatement): void {
    const last = this.#calls[this.#callCount - 1]
    const hasFailed = last !== undefined && last.sqlState !== null
    const isUnparsed = hasFailed && this.#answered === 0 && this.#answer.sqlState === syntaxError
    const [first] = this.#calls
    if (!first || (hasFailed ? !isUnparsed : this.#answered === this.#callCount)) return
    const calls = this.#calls.slice(0, this.#callCount)
    first.sent = whole
    first.endMs = -1
    for (const call of calls.slice(1)) {
      first.rows += call.rows
      first.bytes += call.bytes
    }
    first.startMs = Math.min(...calls.map(({ startMs }) => startMs))
    this.#callCount = 1
  }

  #record(): void {
    const endMs = this.#nowMs()
    const { recorder } = this.#recording
    if (this.#whole) this.#mendSplit(this.#whole)
    for (let index = 0; index < this.#callCount; index++) {
      const call = this.#calls[index]
      if (!call?.sent) continue
      call.ms = (call.endMs < 0 ? endMs : call.endMs) - call.startMs
      if (call.sqlState !== null) call.sqlState = this.#answer.sqlState
      if (index === this.#callCount - 1) call.bytes += this.#bytes
      call.waitMs = this.#waitMs
      this.#waitMs = 0
      recorder.record(call.sent.shape, this.#caller, call)
    }
    this.#startMs = endMs
    this.#recording.note()
  }
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
/** The key of the empty name. */
const unnamed = 0

/** Behind the NUL of the text that begins at `at`. */
function nameEnd(bytes: Uint8Array, at: number): number {
  return bytes[at] === 0 ? at + 1 : bytes.indexOf(0, at) + 1
}

/** Of the name at `at`, as a number of 53 bits: no string is made for each Bind. */
function nameKey(bytes: Uint8Array, start: number): number {
  let first = 0
  let second = 0
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte === 0) break
    first = (Math.imul(first, 31) + byte) | 0
    second = (Math.imul(second ^ byte, 0x01000193) + 0x9e37) | 0
  }
  return (first >>> 0) * 2 ** 21 + (second >>> 11)
}

function ownText(sent: SentStatement): SentStatement {
  const text = sent.text.slice(sent.start, Math.min(sent.end, sent.start + keptTextBytes))
  return { ...sent, text, start: 0, end: text.length }
}

/** Of a prepared statement, for an example of it. */
const keptTextBytes = 4 << 10
/** What the client has sent with it, for as long as nothing takes its place. */
const keptPieceBytes = 64 << 10
