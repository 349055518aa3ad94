/**
 * The requests cursor_open, cursor_fetch and cursor_close (docs/protocol.md, "Cursors"), over Postgres's own cursors.
 * Their names in Postgres are never used twice, so that no plan is kept of another cursor's rows. Knows no socket.
 */

import { cursorsPerSocketMax } from '../../../protocol/protocol-limits.ts'
import {
  readCursorCloseData,
  readCursorFetchData,
  readCursorOpenData,
  type CursorOpenData,
} from '../../../protocol/request-data.ts'
import type { EnvelopeError } from '../../../protocol/envelope-error.ts'
import { bindable } from './bindable.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import type { EnvelopeSession } from './envelope-session.ts'
import { enqueueScript } from './prepared-handlers.ts'
import { QueryJob } from './query-job.ts'
import type { EnvelopePeer, RequestHandler } from './request-handler.ts'
import type { ScriptSession } from './script-job.ts'
import { TextRows } from './text-rows.ts'

/** invalid_cursor_name. */
const unknownCursorState = '34000'

export const handleCursorOpen: RequestHandler = (request, peer) => {
  const data = readCursorOpenData(request.data)
  enqueueScript(request, peer, async (on) => {
    const { cursors } = on.session
    if (cursors.has(data.cursor)) {
      const message = `There is a cursor ${data.cursor} already`
      throw new EnvelopeFailure('already_exists', message, { sqlstate: '42P03' })
    }
    checkCount(peer)
    const name = `_wardian_cursor_${on.session.nextNumber()}`
    await declare(on, name, data)
    const columns = await columnsOf(on, name)
    cursors.set(data.cursor, name)
    request.complete({ columns })
  })
}

export const handleCursorFetch: RequestHandler = (request, peer) => {
  const { cursor, count } = readCursorFetchData(request.data)
  const session = peer.sessionOf(request)
  session.enqueue(
    new QueryJob({
      ...{ session, request, data: {}, encoder: peer.makeEncoder(), isBinary: peer.encoding === 'msgpack' },
      find: () => session.statements.of(`fetch forward ${count} from ${nameOf(session, cursor)}`),
      fields: (rowCount) => ({ row_count: rowCount, done: rowCount < count }),
      mapError: (error) => {
        if (error.sqlstate !== unknownCursorState) return error
        // It has ended with its transaction.
        session.cursors.delete(cursor)
        return unknown(cursor).error
      },
      onDefect: (error) => peer.onDefect(error),
    }),
  )
}

export const handleCursorClose: RequestHandler = (request, peer) => {
  const { cursor } = readCursorCloseData(request.data)
  enqueueScript(request, peer, async (on) => {
    const name = nameOf(on.session, cursor)
    on.session.cursors.delete(cursor)
    const statement = on.session.statements.make(`close ${name}`)
    const error = on.errorOf(await on.run({ statement, sink: new TextRows({ bytesMax: 0 }) }))
    on.session.statements.close(statement)
    if (error?.sqlstate === unknownCursorState) throw unknown(cursor)
    if (error) throw new EnvelopeFailure(error.code, error.message, error)
    request.complete()
  })
}

/** Outside of a transaction Postgres keeps the rows, and nobody has to wait for the cursor's end. */
async function declare(
  on: ScriptSession,
  name: string,
  { sql, params, types }: CursorOpenData,
): Promise<void> {
  const head = `declare ${name} no scroll cursor ${on.status === 'idle' ? 'with hold ' : ''}for `
  const statement = on.session.statements.make(head + sql, types)
  const result = await on.run({ statement, params: bindable(params), sink: new TextRows({ bytesMax: 0 }) })
  on.session.statements.close(statement)
  const error = on.errorOf(result)
  if (error) throw new EnvelopeFailure(error.code, error.message, withoutHead(error, head.length))
}

/** Postgres counts characters of what it was sent. */
function withoutHead(error: EnvelopeError, headLength: number): EnvelopeError {
  const { sql } = error
  if (typeof sql?.position !== 'number') return error
  return { ...error, sql: { ...sql, position: Math.max(1, sql.position - headLength) } }
}

async function columnsOf(on: ScriptSession, name: string): Promise<unknown> {
  const statement = on.session.statements.make(`fetch 0 from ${name}`)
  const error = on.errorOf(await on.run({ statement, sink: null }))
  on.session.statements.close(statement)
  if (error) throw new EnvelopeFailure(error.code, error.message, error)
  return statement.description?.columns ?? []
}

function nameOf({ cursors }: EnvelopeSession, cursor: string): string {
  const name = cursors.get(cursor)
  if (name === undefined) throw unknown(cursor)
  return name
}

function unknown(cursor: string): EnvelopeFailure {
  return new EnvelopeFailure('not_found', `There is no cursor ${cursor}`, { sqlstate: unknownCursorState })
}

function checkCount({ sessions }: EnvelopePeer): void {
  const count = [...sessions].reduce((sum, { cursors }) => sum + cursors.size, 0)
  if (count < cursorsPerSocketMax) return
  const message = `A socket has at most ${cursorsPerSocketMax} cursors; close some with cursor_close`
  throw new EnvelopeFailure('limit_exceeded', message)
}
