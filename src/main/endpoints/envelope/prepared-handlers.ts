/** Requests about statements that are not run: prepare, describe, close_prepared; and close_session. */

import { preparedPerSessionMax } from '../../../protocol/protocol-limits.ts'
import { readClosePreparedData, readDescribeData, readPrepareData } from '../../../protocol/request-data.ts'
import type { DescriptionData } from '../../../protocol/answer-frame.ts'
import { EnvelopeFailure } from './envelope-failure.ts'
import type { LiveRequest } from './live-request.ts'
import type { EnvelopePeer, RequestHandler } from './request-handler.ts'
import { ScriptJob, type ScriptSession } from './script-job.ts'
import type { SessionStatement } from './session-statement.ts'

/** Runs `script` on the session that the request is for, when what came before is done. */
export function enqueueScript(
  request: LiveRequest,
  peer: EnvelopePeer,
  script: (on: ScriptSession) => Promise<void>,
): void {
  const session = peer.sessionOf(request)
  session.enqueue(new ScriptJob({ session, request, script, onDefect: (error) => peer.onDefect(error) }))
}

export const handlePrepare: RequestHandler = (request, peer) => {
  const { name, sql, types } = readPrepareData(request.data)
  enqueueScript(request, peer, async (on) => {
    const { statements } = on.session
    if (statements.named(name)) {
      throw new EnvelopeFailure('already_exists', `There is a prepared statement ${name} already`)
    }
    if (statements.namedCount >= preparedPerSessionMax) {
      throw new EnvelopeFailure(
        'limit_exceeded',
        `A session has at most ${preparedPerSessionMax} prepared statements; close some with close_prepared`,
      )
    }
    const statement = statements.make(sql, types)
    const description = await describe(on, statement)
    statements.setNamed(name, statement)
    request.complete(description)
  })
}

export const handleDescribe: RequestHandler = (request, peer) => {
  const { sql, prepared, types } = readDescribeData(request.data)
  enqueueScript(request, peer, async (on) => {
    const { statements } = on.session
    const statement = sql === undefined ? statements.named(prepared ?? '') : statements.of(sql, types)
    if (!statement) throw new EnvelopeFailure('not_found', `There is no prepared statement ${prepared}`)
    request.complete(await describe(on, statement))
  })
}

export const handleClosePrepared: RequestHandler = (request, peer) => {
  const { name } = readClosePreparedData(request.data)
  enqueueScript(request, peer, (on) => {
    if (!on.session.statements.closeNamed(name)) {
      throw new EnvelopeFailure('not_found', `There is no prepared statement ${name}`)
    }
    request.complete()
    return Promise.resolve()
  })
}

export const handleCloseSession: RequestHandler = (request, peer) => {
  const { session: name } = request.meta
  if (name === undefined) throw new EnvelopeFailure('invalid_request', 'meta.session is missing')
  const session = peer.sessions.release(name)
  if (!session) throw new EnvelopeFailure('not_found', `There is no session ${name}`, { sqlstate: '34000' })
  const script = (): Promise<void> => {
    request.complete()
    peer.sessions.end(session)
    return Promise.resolve()
  }
  const onDefect = (error: unknown): void => peer.onDefect(error)
  session.enqueue(new ScriptJob({ session, request, script, onDefect }))
}

/** What Postgres says of a statement; it is asked again, since that may have changed. */
async function describe(on: ScriptSession, statement: SessionStatement): Promise<DescriptionData> {
  statement.forget()
  const error = on.errorOf(await on.run({ statement, sink: null }))
  if (error) throw new EnvelopeFailure(error.code, error.message, error)
  const { params = [], columns = null } = statement.description ?? {}
  return { params, columns }
}
