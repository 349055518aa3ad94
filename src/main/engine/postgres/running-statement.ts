/**
 * One statement under way: the events that its consumer pulls, the credit that pulling gives back to the server, and
 * its end on request. Knows no queue of statements.
 */

import type { Clock } from '../../../base/clock.ts'
import { toWireError, WorkbenchError, fromWireError } from '../../../contract/error.ts'
import { batchBytesTarget, streamCreditMax } from '../../../contract/limits.ts'
import type { EngineEvent, EngineStatement } from '../engine.ts'
import { PullQueue } from '../result/pull-queue.ts'
import type { TypeNames } from '../result/type-names.ts'
import { sendCancelRequest } from './cancel-request.ts'
import { addressWords } from './connection-failure.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { RemoteStatement } from './remote-statement.ts'

/** Under way to a consumer that does not pull; then the socket is not read any more. */
const windowBytes = streamCreditMax * batchBytesTarget

/** A request that comes between two messages of ours is ignored by the server, so it is sent again. */
const cancelAgainMs = 500

export interface RunningStatementOptions {
  readonly connection: PostgresConnection
  readonly statement: EngineStatement
  readonly typeNames: TypeNames
  readonly clock: Clock
  /** How long a server may take to end a statement before the connection is given up. */
  readonly cancelBoundMs: number
  /** Settles when the statement may be sent. */
  readonly after: Promise<unknown>
  /** Called once, before its outcome is told: another one may run. */
  onEnded(): void
}

interface PricedEvent {
  readonly event: EngineEvent
  readonly costBytes: number
}

export class RunningStatement {
  readonly events: AsyncIterable<EngineEvent>
  readonly #options: RunningStatementOptions
  readonly #queue: PullQueue<PricedEvent>
  #underWayBytes = 0
  #isCancelled = false
  readonly #ended = Promise.withResolvers<void>()
  #isEnded = false
  #cancelling: Promise<void> | null = null
  #settled: Promise<void> = Promise.resolve()

  constructor(options: RunningStatementOptions) {
    this.#options = options
    this.#queue = new PullQueue<PricedEvent>({
      onPulled: ({ costBytes }) => this.#give(costBytes),
      onLeft: () => this.cancel(),
    })
    this.events = eventsOf(this.#queue)
    void this.#run()
  }

  /** Resolves when no request to cancel it is under way that could reach what runs next. */
  get settled(): Promise<void> {
    return this.#settled
  }

  /** Resolves when it has ended, or the connection has been given up for it. */
  cancel(): Promise<void> {
    this.#cancelling ??= this.#cancel()
    return this.#cancelling
  }

  async #run(): Promise<void> {
    const { connection, statement, typeNames, clock, after } = this.#options
    const run = new RemoteStatement(
      {
        ...{ connection, typeNames, nowMs: () => clock.monotonicMs() },
        emit: (event, costBytes) => this.#emit(event, costBytes),
        isCancelled: () => this.#isCancelled,
        requestCancel: () => void this.#interrupt(),
      },
      statement,
    )
    try {
      await after
      const outcome = await run.run()
      this.#end()
      this.#queue.push({ event: { kind: 'completed', outcome }, costBytes: 0 })
      this.#queue.end()
    } catch (error) {
      this.#end()
      this.#queue.fail(fromWireError(toWireError(error)))
    }
  }

  #end(): void {
    this.#isEnded = true
    this.#options.connection.hold(false)
    this.#ended.resolve()
    this.#options.onEnded()
  }

  #emit(event: EngineEvent, costBytes: number): void {
    this.#underWayBytes += costBytes
    this.#queue.push({ event, costBytes })
    // Whoever asked for the end must not be kept waiting by a slow consumer; little follows.
    if (this.#underWayBytes >= windowBytes && !this.#isCancelled) this.#options.connection.hold(true)
  }

  #give(bytes: number): void {
    this.#underWayBytes -= bytes
    if (this.#underWayBytes < windowBytes && !this.#isEnded) this.#options.connection.hold(false)
  }

  async #cancel(): Promise<void> {
    if (this.#isEnded) return
    this.#isCancelled = true
    await this.#interrupt()
  }

  /** Whatever the server does with it, the statement ends within the bound. */
  #interrupt(): Promise<void> {
    const interrupting = Promise.all([this.#settled, this.#askToEnd()]).then(() => undefined)
    this.#settled = interrupting
    return interrupting
  }

  async #askToEnd(): Promise<void> {
    const { connection, clock, cancelBoundMs } = this.#options
    connection.hold(false)
    const bound = clock.after(cancelBoundMs, () => connection.lose(unresponsive(connection, cancelBoundMs)))
    try {
      while (!this.#isEnded) await this.#request()
    } finally {
      bound.dispose()
    }
  }

  /** One request, and some time for it to do its work. */
  async #request(): Promise<void> {
    const { connection, clock, cancelBoundMs } = this.#options
    const { processId, secretKey, ssl, server } = connection
    const { host, port } = server
    const target = { processId, secretKey, ssl, host, port }
    // A server that cannot be reached for this is not reached for the statement either: the bound ends it.
    const request = sendCancelRequest(target, { clock, timeoutMs: cancelBoundMs }).catch(() => undefined)
    await Promise.race([this.#ended.promise, request])
    if (this.#isEnded) return request
    const { promise, resolve } = Promise.withResolvers<void>()
    const pause = clock.after(cancelAgainMs, resolve)
    await Promise.race([this.#ended.promise, promise])
    pause.dispose()
  }
}

function unresponsive({ server }: PostgresConnection, boundMs: number): WorkbenchError {
  const message =
    `${addressWords(server)} did not end the statement within ${boundMs / 1_000} s of being asked to, so the ` +
    'connection was closed; it may still run there. The next statement connects again'
  return new WorkbenchError('engine-unresponsive', message)
}

async function* eventsOf(queue: PullQueue<PricedEvent>): AsyncGenerator<EngineEvent, void> {
  for await (const { event } of queue) yield event
}
