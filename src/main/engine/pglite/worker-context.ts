/**
 * What the conversations of one worker share: the loop, the decoder, the way out, and what is known of the
 * backend's session from its messages. Owned by the worker's entry; lives as long as the worker.
 */

import type { SqlErrorFields } from '../../../contract/error.ts'
import type { TransactionState } from '../../../contract/statement.ts'
import type { BackendMessage, RowDecoder } from '../../../../native-wasm/js/row-decoder.ts'
import type { BackendAlarm } from './backend-alarm.ts'
import type { BackendLoop } from './backend-loop.ts'
import { BatchSlots } from './batch-slots.ts'
import * as backend from '../protocol/backend-message.ts'
import type { DatabaseCatalog } from './databases/database-catalog.ts'
import type { OutputWindow } from './output-window.ts'
import { QueryDriver } from './query-driver.ts'
import type { SharedSignals } from './shared-signals.ts'
import type { BackendSessions } from './sessions/backend-sessions.ts'
import type { SnapshotTaker } from './snapshot-taker.ts'
import { TypeNames } from '../result/type-names.ts'

/** A notice as a structured clone costs about its body and its field names. */
const noticeOverheadBytes = 512

export interface WorkerContextOptions {
  readonly loop: BackendLoop
  readonly alarm: BackendAlarm
  readonly signals: SharedSignals
  readonly output: OutputWindow
  readonly sessions: BackendSessions
  readonly snapshots: SnapshotTaker
  /** null where databases are as they stand in the directory. */
  readonly databases: DatabaseCatalog | null
  createDecoder(): RowDecoder
  /** The monotonic clock, not the one that Postgres is shown. */
  nowMs(): number
}

export class WorkerContext {
  readonly loop: BackendLoop
  readonly alarm: BackendAlarm
  readonly signals: SharedSignals
  readonly output: OutputWindow
  readonly sessions: BackendSessions
  readonly snapshots: SnapshotTaker
  readonly databases: DatabaseCatalog | null
  readonly driver: QueryDriver
  readonly slots: BatchSlots
  readonly typeNames = new TypeNames()
  readonly createDecoder: () => RowDecoder
  readonly nowMs: () => number
  /** As of the last ReadyForQuery. */
  transaction: TransactionState = 'idle'

  constructor(options: WorkerContextOptions) {
    this.loop = options.loop
    this.alarm = options.alarm
    this.signals = options.signals
    this.output = options.output
    this.sessions = options.sessions
    this.snapshots = options.snapshots
    this.databases = options.databases
    this.createDecoder = () => options.createDecoder()
    this.nowMs = () => options.nowMs()
    this.slots = new BatchSlots(options.signals)
    this.driver = new QueryDriver(options.loop, options.createDecoder())
  }

  /** Whether a turn of an activity is to end, by the host or by a timer of Postgres. */
  isToEnd(activity: number, turn: number): boolean {
    return this.signals.isCancelled(activity, turn) || this.loop.isCancelRequested
  }

  /** Handles what any statement may bring beside its result. */
  onBackendMessage(message: BackendMessage, onNotice: (notice: SqlErrorFields) => void): void {
    const types = backend.backendTypes
    switch (message.type) {
      case types.readyForQuery:
        this.transaction = backend.readTransactionState(message.body)
        break
      case types.noticeResponse:
        onNotice(backend.readErrorFields(message.body))
        break
      case types.notificationResponse:
        this.output.post({
          kind: 'notification',
          session: this.sessions.current,
          notification: backend.readNotification(message.body),
        })
        break
      default:
        // ParseComplete, BindComplete and the like say nothing that is not known.
        break
    }
  }

  /** Posts a notice, within the window: a loop can raise millions. */
  postNotice(activity: number, notice: SqlErrorFields, isInterrupted: () => boolean): void {
    const costBytes = noticeOverheadBytes + 2 * notice.message.length
    this.output.postWithin({ kind: 'notice', activity, notice, costBytes }, { costBytes, isInterrupted })
  }
}
