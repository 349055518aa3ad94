/**
 * Why a client of the wire protocol is sent away, in the words and with the SQLSTATEs of a server (PostgreSQL 18,
 * ProcessInterrupts of tcop/postgres.c). Knows no conversation.
 */

import { noSqlErrorFields, WorkbenchError } from '../../contract/error.ts'

/** How a client stops writing: by Terminate, or its socket has no more. */
export type WireEnd = 'terminate' | 'close'

/** What a COPY that waits for its data is told then (CopyGetData, commands/copyfromparse.c). */
export const endInCopy: Readonly<Record<WireEnd, readonly [sqlState: string, message: string]>> = {
  terminate: ['08P01', 'unexpected message type 0x58 during COPY from stdin'],
  close: ['08006', 'unexpected EOF on client connection with an open transaction'],
}

/** By an administrator, or by pg_terminate_backend. */
export function terminated(): WorkbenchError {
  return ending('57P01', 'administrator command')
}

/** By idle_in_transaction_session_timeout. */
export function idleInTransaction(): WorkbenchError {
  return ending('25P03', 'idle-in-transaction timeout')
}

/** By this program's own bound of transactions that idle while others wait. */
export function idleWhileOthersWait(): WorkbenchError {
  const hint = 'All sessions share one backend, and others were waiting for the end of this transaction.'
  return ending('25P03', 'idle-in-transaction timeout', hint)
}

/** By transaction_timeout. */
export function transactionTimeout(): WorkbenchError {
  return ending('25P04', 'transaction timeout')
}

/** By idle_session_timeout. */
export function idleSession(): WorkbenchError {
  return ending('57P05', 'idle-session timeout')
}

/** What came cannot be told apart any more: in the middle of a COPY, or cut off (tcop/postgres.c, PostgresMain). */
export function synchronizationLost(): WorkbenchError {
  const message = 'terminating connection because protocol synchronization was lost'
  const sql = { ...noSqlErrorFields, severity: 'FATAL', code: '08P01', message }
  return new WorkbenchError('sql-error', message, { sql })
}

function ending(sqlState: string, reason: string, hint: string | null = null): WorkbenchError {
  const message = `terminating connection due to ${reason}`
  const sql = { ...noSqlErrorFields, severity: 'FATAL', code: sqlState, message, hint }
  return new WorkbenchError('sql-error', message, { sql })
}
