/**
 * A connection to a server that will be killed: statements whose answer did not come are told from those that failed.
 * Knows nothing of what is sent.
 */

import pg from 'pg'

/** The server is gone: what was sent may have been done or not. */
export class LostServer extends Error {
  override readonly name = 'LostServer'
}

export type Row = Readonly<Record<string, unknown>>

export class CrashClient {
  readonly #client: pg.Client
  #isLost = false

  constructor(url: string) {
    this.#client = new pg.Client({ connectionString: url })
    // A pending statement says so, too.
    this.#client.on('error', () => (this.#isLost = true))
    this.#client.on('end', () => (this.#isLost = true))
  }

  async connect(): Promise<void> {
    try {
      await this.#client.connect()
    } catch (error) {
      throw this.#lost(error)
    }
  }

  /** Throws LostServer when no answer has come. */
  async query(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      return (await this.#client.query<Row>(sql, [...values])).rows
    } catch (error) {
      throw this.#lost(error)
    }
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => undefined)
  }

  /** An answer of the server has a SQLSTATE; 57P01 and its kin are its end. */
  #lost(error: unknown): unknown {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const isAnswer = /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && code !== 'EPIPE'
    if (isAnswer && !this.#isLost) return error
    return new LostServer(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
