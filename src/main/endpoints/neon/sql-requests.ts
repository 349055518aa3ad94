/**
 * `/sql`: one HTTP request, one statement or one transaction, in a session that lives as long as the request. Owns how
 * long that may be and what is said of failures; passes on no secret. Knows no row.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../base/clock.ts'
import { onDispose } from '../../../base/disposable.ts'
import { WorkbenchError, type SqlErrorFields } from '../../../contract/error.ts'
import { sendReply } from '../http-reply.ts'
import { clientTitle } from '../postgres/client-connection.ts'
import type { ClientRegistry, RegisteredClient } from '../postgres/client-registry.ts'
import type { Admitted } from '../postgres/log-in.ts'
import { OutputAllowance } from '../postgres/output-allowance.ts'
import type { TrafficMeter } from '../postgres/traffic-meter.ts'
import type { WireSession } from '../postgres/wire-backend.ts'
import { failureFields, refusal } from '../postgres/wire-failure.ts'
import type { AcceptedRequest, RequestRoute } from '../web/web-access.ts'
import { SqlAnswer } from './sql-answer.ts'
import { readSqlBody, type SqlBody } from './sql-body.ts'
import { readSqlCall, sqlHeaders, type SqlCall } from './sql-call.ts'
import { SqlRun, statementsMessage } from './sql-run.ts'
import type { TokenGrants } from './token-grants.ts'

/** Parsed in one go, which takes some 10 ms a megabyte where it is made of the smallest things. */
export const sqlBodyBytesMax = 4 << 20
/** Of a body that is too large; whoever sends on is cut. */
const forgottenBytesMax = 8 * sqlBodyBytesMax
/** From the body to the answer, waiting for others included. Browsers give up after about as long. */
export const sqlTimeMaxMs = 300_000
/** 3.0: nobody is given a key to cancel with. */
const protocolVersion = 3 << 16

export interface SqlRequestsOptions {
  readonly grants: TokenGrants
  readonly registry: ClientRegistry
  readonly meter: TrafficMeter
  readonly clock: Clock
  /** Hears of defects: what clients are told as XX000. */
  readonly onFailure: (error: unknown) => void
}

export class SqlRequests implements RequestRoute {
  readonly headers = sqlHeaders
  readonly provingHeaders = ['neon-connection-string', 'authorization']
  readonly bodyBytesMax = forgottenBytesMax
  readonly #options: SqlRequestsOptions
  readonly #allowance = new OutputAllowance()

  constructor(options: SqlRequestsOptions) {
    this.#options = options
  }

  async answer(accepted: AcceptedRequest, response: ServerResponse): Promise<void> {
    const open = onDispose('sql-request', () => undefined)
    const gone = new AbortController()
    response.once('close', () => gone.abort(new WorkbenchError('disconnected', 'The client went away')))
    try {
      const answer = await this.#run(accepted, gone.signal)
      sendReply(response, { status: 200, headers: jsonHeaders, body: answer })
    } catch (error) {
      this.#refuse(error, accepted.request, response)
    } finally {
      open.dispose()
    }
  }

  async #run(accepted: AcceptedRequest, gone: AbortSignal): Promise<Buffer> {
    const { request, address } = accepted
    const call = readSqlCall(request.headers)
    const { user, database } = call.start
    // Before anything of the body is taken: of strangers there is nothing to keep.
    const grant = await this.#options.grants.grantOf({ user, token: call.token, address })
    const admitted = await this.#options.grants.admit(grant, database)
    const bytes = await readBody(request)
    const meter = this.#options.meter.open(database)
    meter.received(bytes.length)
    const body = readSqlBody(bytes.toString())
    if (body.statements.length === 0) return Buffer.from('{"results":[]}')
    gone.throwIfAborted()
    const answer = await this.#runAs({ admitted, call, body, accepted, gone })
    meter.sent(answer.length)
    return answer
  }

  /** With a place among the clients, which ends the request where somebody ends it there. */
  async #runAs(work: SqlWork): Promise<Buffer> {
    const { admitted, call, accepted } = work
    const { address, port, isEncrypted } = accepted
    const { database, settings } = call.start
    const applicationName = settings.get('application_name') ?? ''
    const client = { user: admitted.user, database, applicationName, address, port, isEncrypted }
    const { backend, role } = admitted
    const entry = this.#options.registry.register({ ...client, protocolVersion, backend, role })
    const stopped = new AbortController()
    entry.stop = (error) => stopped.abort(error)
    const watch = admitted.watch?.((error) => stopped.abort(error))
    const patience = this.#options.clock.after(sqlTimeMaxMs, () => stopped.abort(outOfTime()))
    try {
      return await this.#runIn(entry, work, AbortSignal.any([stopped.signal, work.gone]))
    } finally {
      patience.dispose()
      watch?.dispose()
      entry.dispose()
    }
  }

  async #runIn(entry: RegisteredClient, work: SqlWork, stop: AbortSignal): Promise<Buffer> {
    const { body, call } = work
    const answer = new SqlAnswer({
      ...{ format: call.format, isBatch: body.isBatch },
      isShown: body.isBatch ? [false, ...body.statements.map(() => true), false] : [true],
      mayGrow: (before, now) => this.#allowance.mayGrow(before, now),
    })
    const session = await openSession(work, stop)
    try {
      entry.session = session
      entry.state = 'active'
      entry.changed()
      const run = new SqlRun(session, answer)
      stop.addEventListener('abort', () => run.stop(stop.reason), { once: true })
      return await run.run(statementsMessage(body.isBatch ? inTransaction(work) : body.statements))
    } finally {
      session.dispose()
      this.#allowance.giveBack(answer.byteCount)
    }
  }

  /** 400 is the one status whose body the client reads as an error of Postgres. */
  #refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    // Of a client that goes away in the middle of its body nothing is to be told, and nobody to be told it.
    if (request.errored) return
    if (!(error instanceof WorkbenchError) || error.code === 'internal') this.#options.onFailure(error)
    if (response.destroyed) return
    const body = JSON.stringify(errorBody(failureFields(error, severityOf(error))))
    // What has not been read of a body is not to be taken for a request.
    const connection = request.complete ? {} : { Connection: 'close' }
    sendReply(response, { status: 400, headers: { ...jsonHeaders, ...connection }, body })
  }
}

const jsonHeaders = { 'Content-Type': 'application/json' }

/** A request as far as it is known before it runs. */
interface SqlWork {
  readonly admitted: Admitted
  readonly call: SqlCall
  readonly body: SqlBody
  readonly accepted: AcceptedRequest
  readonly gone: AbortSignal
}

async function openSession({ admitted, call, accepted }: SqlWork, stop: AbortSignal): Promise<WireSession> {
  const { address, port, encryption, request } = accepted
  const { localAddress = null, localPort = null } = request.socket
  const { database, settings } = call.start
  const { user: role, systemUser } = admitted
  const title = clientTitle(settings.get('application_name') ?? '', role, `${address}:${port}`)
  const place = { address, port, serverAddress: localAddress, serverPort: localPort }
  const opening = admitted.backend.openSession({
    ...{ role, database, settings, title, systemUser, encryption },
    ...place,
  })
  const session = await opening
  if (!stop.aborted) return session
  session.dispose()
  throw stop.reason
}

function inTransaction({ body, call }: SqlWork): SqlBody['statements'] {
  const bare = (query: string): SqlBody['statements'][number] => ({ query, params: [] })
  return [bare(call.begin), ...body.statements, bare('COMMIT')]
}

/** A body that is too large is read to its end all the same: most clients hear no answer before they have sent it. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let byteCount = 0
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  request.on('data', (part: Buffer) => {
    byteCount += part.length
    if (byteCount <= sqlBodyBytesMax) parts.push(part)
    else parts.length = 0
    if (byteCount > forgottenBytesMax) request.destroy()
  })
  request.once('end', () => {
    if (byteCount <= sqlBodyBytesMax) resolve(Buffer.concat(parts))
    else reject(tooLarge())
  })
  request.once('close', () => reject(new WorkbenchError('disconnected', 'The client went away')))
  return promise
}

function tooLarge(): Error {
  return refusal('54000', `the body has more than ${sqlBodyBytesMax >> 20} MiB`, {
    hint: 'Connect over the WebSocket, where there is no such limit.',
  })
}

function outOfTime(): Error {
  return refusal('57014', `canceling statement: the request took longer than ${sqlTimeMaxMs / 1_000} s`)
}

/** What Postgres has said is said with its own severity. */
function severityOf(error: unknown): 'ERROR' | 'FATAL' {
  return error instanceof WorkbenchError && error.sql?.severity !== 'FATAL' ? 'ERROR' : 'FATAL'
}

/** Named and typed as node-postgres has them (pg-protocol, messages.ts). */
function errorBody(fields: SqlErrorFields): Readonly<Record<string, string | null>> {
  const { position, internalPosition, ...texts } = fields
  const text = (value: number | null): string | null => (value === null ? null : String(value))
  return { ...texts, position: text(position), internalPosition: text(internalPosition) }
}
