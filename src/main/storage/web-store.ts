/**
 * How the web endpoint is set, and its tokens, of whose secrets there are hashes alone. Options that this version does
 * not allow give way to the default. Synchronous, for the storage worker.
 */

import type Database from 'better-sqlite3'
import { webEndpointOptionsSchema, type WebEndpointOptions } from '../../contract/web-endpoint.ts'
import { keptTokenSchema, type KeptToken } from './web-store-calls.ts'

export const defaultWebEndpointOptions: WebEndpointOptions = {
  startsWithHost: false,
  port: null,
  address: null,
  hostNames: [],
  allowedOrigins: [],
  tls: 'off',
  certificate: null,
  clientAuthorityPath: null,
  // As of the Postgres endpoint: an idle client costs a socket and the state of a session.
  connectionsMax: 500,
  idleOffMinutes: null,
  compresses: false,
}

interface TokenRow {
  readonly id: string
  readonly hash: string
  readonly label: string
  readonly instance_ids: string | null
  readonly access: string
  readonly role: string
  readonly created_at_ms: number
  readonly last_used_at_ms: number | null
  readonly expires_at_ms: number | null
}

export class WebStore {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    this.#database = database
  }

  options(): WebEndpointOptions {
    const row = this.#database
      .prepare<[], { options: string }>('SELECT options FROM web_endpoint WHERE id = 1')
      .get()
    const stored: object = row ? Object(JSON.parse(row.options)) : {}
    let options = defaultWebEndpointOptions
    for (const [name, value] of Object.entries(stored)) options = withOption(options, name, value)
    return options
  }

  setOptions(options: WebEndpointOptions): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO web_endpoint (id, options) VALUES (1, ?)')
      .run(JSON.stringify(options))
  }

  tokens(): KeptToken[] {
    return this.#database
      .prepare<[], TokenRow>('SELECT * FROM web_token ORDER BY created_at_ms, id')
      .all()
      .map((row) => {
        const { id, hash, label, access, role } = row
        const instanceIds: unknown = row.instance_ids === null ? null : JSON.parse(row.instance_ids)
        const times = { createdAtMs: row.created_at_ms, lastUsedAtMs: row.last_used_at_ms }
        const token = { id, label, instanceIds, access, role, ...times, expiresAtMs: row.expires_at_ms }
        return keptTokenSchema.parse({ token, hash }, 'token')
      })
  }

  addToken({ token, hash }: KeptToken): void {
    const { id, label, instanceIds, access, role, createdAtMs, lastUsedAtMs, expiresAtMs } = token
    const instances = instanceIds === null ? null : JSON.stringify(instanceIds)
    this.#database
      .prepare('INSERT INTO web_token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(id, hash, label, instances, access, role, createdAtMs, lastUsedAtMs, expiresAtMs)
  }

  removeToken(tokenId: string): void {
    this.#database.prepare('DELETE FROM web_token WHERE id = ?').run(tokenId)
  }

  noteTokenUse(tokenId: string, usedAtMs: number): void {
    this.#database.prepare('UPDATE web_token SET last_used_at_ms = ? WHERE id = ?').run(usedAtMs, tokenId)
  }
}

function withOption(options: WebEndpointOptions, name: string, value: unknown): WebEndpointOptions {
  try {
    return webEndpointOptionsSchema.parse({ ...options, [name]: value }, 'options')
  } catch {
    return options
  }
}
