/**
 * How endpoints are set, with their passwords: the file is its owner's alone (0600). Options that this version does
 * not allow give way to the default. Synchronous, for the storage worker.
 */

import type Database from 'better-sqlite3'
import { endpointOptionsSchema, type EndpointOptions } from '../../contract/endpoint.ts'

/** What is kept of one endpoint. */
export interface KeptEndpoint {
  readonly options: EndpointOptions
  readonly password: string
}

export const defaultEndpointOptions: EndpointOptions = {
  startsWithHost: false,
  port: null,
  socketDirectory: null,
  // Long enough for somebody who types at a prompt, and short enough for a pool that waits for him.
  idleTransactionMs: 60_000,
  tls: 'offered',
  certificate: null,
  clientCertificates: null,
  // An idle client costs a socket and the state of a session; test suites open hundreds.
  connectionsMax: 500,
  // A person who leaves a pager open, and a debugger's break, are forgiven.
  stalledClientMs: 60_000,
  mode: 'shared',
}

export class EndpointStore {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  /** null: it was never set. */
  get(endpointId: string): KeptEndpoint | null {
    const row = this.#database
      .prepare<[string], { options: string; password: string }>(
        'SELECT options, password FROM endpoint WHERE id = ?',
      )
      .get(endpointId)
    return row ? { options: readOptions(row.options), password: row.password } : null
  }

  set(endpointId: string, { options, password }: KeptEndpoint): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO endpoint (id, options, password) VALUES (?, ?, ?)')
      .run(endpointId, JSON.stringify(options), password)
  }
}

function readOptions(text: string): EndpointOptions {
  const stored = Object.entries(Object(JSON.parse(text)) as object)
  let options = defaultEndpointOptions
  for (const [name, value] of stored) options = withOption(options, name, value)
  return options
}

function withOption(options: EndpointOptions, name: string, value: unknown): EndpointOptions {
  try {
    return endpointOptionsSchema.parse({ ...options, [name]: value }, 'options')
  } catch {
    return options
  }
}
