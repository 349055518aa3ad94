/** The table of request types: what answers each (docs/protocol.md, "Requests"). One line for each type. */

import { handleBatch } from './batch-handler.ts'
import { handleCursorClose, handleCursorFetch, handleCursorOpen } from './cursor-handlers.ts'
import {
  handleClosePrepared,
  handleCloseSession,
  handleDescribe,
  handlePrepare,
} from './prepared-handlers.ts'
import { handleQuery } from './query-handler.ts'
import type { RequestHandlers } from './request-handler.ts'
import { handleCancel, handlePing } from './steering-handlers.ts'

export const envelopeHandlers: RequestHandlers = {
  batch: handleBatch,
  cancel: handleCancel,
  close_prepared: handleClosePrepared,
  close_session: handleCloseSession,
  cursor_close: handleCursorClose,
  cursor_fetch: handleCursorFetch,
  cursor_open: handleCursorOpen,
  describe: handleDescribe,
  ping: handlePing,
  prepare: handlePrepare,
  query: handleQuery,
}
