/**
 * Counts the bytes that logged-in clients of an endpoint have sent and were sent, for each database and together.
 * Knows no client.
 */

/** Of one database. */
export interface TrafficCount {
  receivedBytes: number
  sentBytes: number
}

/** Databases that are counted by themselves; beyond, they are only in the sum. */
const databasesMax = 1_000

export class TrafficMeter {
  readonly total: TrafficCount = { receivedBytes: 0, sentBytes: 0 }
  readonly #databases = new Map<string, TrafficCount>()

  /** So far; zeros where nobody was. */
  of(database: string): TrafficCount {
    return this.#databases.get(database) ?? { receivedBytes: 0, sentBytes: 0 }
  }

  /** For one client of `database`. */
  open(database: string): ClientMeter {
    let count = this.#databases.get(database)
    if (!count && this.#databases.size < databasesMax) {
      count = { receivedBytes: 0, sentBytes: 0 }
      this.#databases.set(database, count)
    }
    return new ClientMeter(this.total, count ?? { receivedBytes: 0, sentBytes: 0 })
  }
}

export class ClientMeter {
  readonly #total: TrafficCount
  readonly #own: TrafficCount

  constructor(total: TrafficCount, own: TrafficCount) {
    this.#total = total
    this.#own = own
  }

  received(byteCount: number): void {
    this.#total.receivedBytes += byteCount
    this.#own.receivedBytes += byteCount
  }

  sent(byteCount: number): void {
    this.#total.sentBytes += byteCount
    this.#own.sentBytes += byteCount
  }
}
