/**
 * One statement on the host's side: the events that its consumer pulls, and the credit that pulling grants.
 */

import type { WorkbenchError } from '../../../contract/error.ts'
import type { EngineEvent } from '../engine.ts'
import { TurnWaiters, type Activity, type ActivityMessage } from './activity.ts'
import { PullQueue } from '../result/pull-queue.ts'

interface PricedEvent {
  readonly event: EngineEvent
  readonly costBytes: number
}

export interface StatementActivityOptions {
  readonly number: number
  /** Gives the worker credit for bytes that have been pulled, or that nobody will pull. */
  grant(bytes: number): void
  /** What Postgres has understood. */
  onTree?(tree: string): void
  /** The consumer has left; resolves when the statement has ended. */
  onLeft(): Promise<void>
}

/** A statement is one turn, number 0. */
const turn = 0

export class StatementActivity implements Activity {
  readonly number: number
  readonly events: AsyncIterable<EngineEvent>
  readonly #queue: PullQueue<PricedEvent>
  readonly #waiters = new TurnWaiters()
  readonly #grant: (bytes: number) => void
  readonly #onTree: StatementActivityOptions['onTree']
  #isLeft = false
  #isEnded = false

  constructor(options: StatementActivityOptions) {
    this.number = options.number
    this.#onTree = options.onTree && ((tree) => options.onTree?.(tree))
    this.#grant = (bytes) => options.grant(bytes)
    this.#queue = new PullQueue<PricedEvent>({
      onPulled: ({ costBytes }) => this.#grant(costBytes),
      onLeft: () => {
        this.#isLeft = true
        return options.onLeft()
      },
    })
    this.events = eventsOf(this.#queue)
  }

  get cancellableTurn(): number | null {
    return this.#isEnded ? null : turn
  }

  onMessage(message: ActivityMessage): boolean {
    switch (message.kind) {
      case 'columns':
        this.#push({ kind: 'columns', columns: message.columns }, 0)
        return false
      case 'batch': {
        const { firstRow, rowCount, buffer } = message
        this.#push({ kind: 'batch', firstRow, rowCount, buffer }, buffer.byteLength)
        return false
      }
      case 'notice':
        this.#push({ kind: 'notice', notice: message.notice }, message.costBytes)
        return false
      case 'tree':
        this.#onTree?.(message.tree)
        return false
      case 'completed':
        this.#push({ kind: 'completed', outcome: message.outcome }, 0)
        this.#end()
        return true
      default:
        return false
    }
  }

  fail(error: WorkbenchError): void {
    this.#queue.fail(error)
    this.#end()
  }

  turnEnded(): Promise<void> {
    return this.#isEnded ? Promise.resolve() : this.#waiters.wait(turn)
  }

  #push(event: EngineEvent, costBytes: number): void {
    if (this.#isLeft) this.#grant(costBytes)
    else this.#queue.push({ event, costBytes })
  }

  #end(): void {
    this.#isEnded = true
    this.#queue.end()
    this.#waiters.reached(turn + 1)
  }
}

async function* eventsOf(queue: PullQueue<PricedEvent>): AsyncGenerator<EngineEvent, void> {
  for await (const { event } of queue) yield event
}
