/**
 * The tokens of the web endpoint: made, listed, revoked, and recognised when somebody shows one. Keeps hashes alone.
 * Knows no socket, and of instances their names and ids.
 */

import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { Emitter } from '../../base/event.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { tokenRoles, webTokensMax, type TokenWish, type WebToken } from '../../contract/web-endpoint.ts'
import { LoginLimiter } from '../endpoints/login-limiter.ts'
import type { TokenGrant } from '../endpoints/web/web-access.ts'
import { findByHash, hashToken, mintToken } from '../endpoints/web/web-token.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { KeptToken } from '../storage/web-store-calls.ts'

/** When a token was used last is kept to this. */
const useNoteMs = 60_000
/** Addresses whose failures are counted by themselves; the oldest gives way. */
const addressesMax = 256
/** Who owns every instance: the bootstrap superuser of PGlite. */
const ownerRole = 'postgres'

interface HeldToken {
  readonly hash: Buffer
  token: WebToken
}

export interface WebTokensOptions {
  readonly storage: StorageClient
  readonly clock: Clock
  readonly kept: readonly KeptToken[]
  /** The name of that instance now; null if there is none. */
  nameOf(instanceId: string): string | null
  onFailure(error: unknown): void
}

export class WebTokens {
  readonly #options: WebTokensOptions
  readonly #held: Map<string, HeldToken>
  readonly #limiters = new Map<string, LoginLimiter>()
  readonly #didRevoke = new Emitter<{ readonly tokenId: string }>()
  readonly onDidRevoke = this.#didRevoke.event
  readonly #didChange = new Emitter<null>()
  /** One was made, used, or revoked. */
  readonly onDidChange = this.#didChange.event

  constructor(options: WebTokensOptions) {
    this.#options = options
    this.#held = new Map(
      options.kept.map(({ token, hash }) => [token.id, { token, hash: Buffer.from(hash, 'hex') }]),
    )
  }

  list(): WebToken[] {
    return [...this.#held.values()].map(({ token }) => token)
  }

  /** `secret` is told this once. Throws `invalid-argument`, `limit-exceeded`, `not-found`. */
  async create(wish: TokenWish): Promise<{ token: WebToken; secret: string }> {
    const { clock, storage } = this.#options
    this.#check(wish)
    const secret = mintToken()
    const hash = hashToken(secret) ?? Buffer.alloc(0)
    const token: WebToken = {
      ...wish,
      id: randomUUID(),
      role: wish.role ?? tokenRoles[wish.access],
      createdAtMs: clock.nowMs(),
      lastUsedAtMs: null,
    }
    await storage.call('web.addToken', { token, hash: hash.toString('hex') })
    this.#held.set(token.id, { token, hash })
    this.#didChange.fire(null)
    return { token, secret }
  }

  /** From now on nobody is let in by it, and whoever was is told to go. Throws `not-found`. */
  async revoke(tokenId: string): Promise<void> {
    if (!this.#held.has(tokenId)) {
      throw new WorkbenchError('not-found', 'There is no such token; it may have been revoked already')
    }
    await this.#options.storage.call('web.removeToken', { tokenId })
    this.#held.delete(tokenId)
    this.#didRevoke.fire({ tokenId })
    this.#didChange.fire(null)
  }

  /**
   * What a token may do; null if it is none. One that is right is always let in: nobody guesses 256 bits, and whoever
   * shows wrong ones from the same address must keep nobody out. Throws `limit-exceeded` after too many of those.
   */
  authenticate(text: string, address: string | null): TokenGrant | null {
    const hash = hashToken(text)
    const held = hash && findByHash(this.#held.values(), hash)
    const grant = held && this.#isAlive(held.token) ? this.#grantOf(held.token) : null
    if (held && grant) this.#noteUse(held)
    else this.#countFailure(address ?? '')
    return grant
  }

  /** Whether the token behind a grant may see that instance now; null: it was revoked, or has expired. */
  maySee(tokenId: string, instanceId: string): boolean {
    const token = this.#held.get(tokenId)?.token
    if (!token || !this.#isAlive(token)) return false
    return token.instanceIds === null || token.instanceIds.includes(instanceId)
  }

  dispose(): void {
    this.#didRevoke.dispose()
    this.#didChange.dispose()
  }

  #check({ access, role, instanceIds, expiresAtMs }: TokenWish): void {
    const { clock, nameOf } = this.#options
    if (this.#held.size >= webTokensMax) {
      throw new WorkbenchError('limit-exceeded', `There are ${webTokensMax} tokens: revoke some first`)
    }
    if (expiresAtMs !== null && expiresAtMs <= clock.nowMs()) {
      throw new WorkbenchError('invalid-argument', 'The token would have expired already')
    }
    if (access === 'read-only' && role === ownerRole) {
      const message = `${ownerRole} is a superuser, who can write files whatever else holds: choose another role`
      throw new WorkbenchError('invalid-argument', message)
    }
    if (instanceIds?.length === 0) {
      throw new WorkbenchError('invalid-argument', 'A token is for one instance at least')
    }
    for (const id of instanceIds ?? []) {
      if (nameOf(id) === null) throw new WorkbenchError('not-found', 'An instance of the token is not there')
    }
  }

  #isAlive({ expiresAtMs }: WebToken): boolean {
    return expiresAtMs === null || this.#options.clock.nowMs() < expiresAtMs
  }

  #grantOf({ id, instanceIds, access, role, expiresAtMs }: WebToken): TokenGrant {
    const names = instanceIds?.flatMap((instanceId) => this.#options.nameOf(instanceId) ?? []) ?? null
    return { tokenId: id, tenants: names, access, role, expiresAtMs }
  }

  #countFailure(address: string): void {
    let limiter = this.#limiters.get(address)
    if (!limiter) {
      const [oldest] = this.#limiters.keys()
      if (this.#limiters.size >= addressesMax && oldest !== undefined) this.#limiters.delete(oldest)
      limiter = new LoginLimiter(this.#options.clock)
      this.#limiters.set(address, limiter)
    }
    const waitMs = limiter.waitMs()
    if (waitMs === 0) {
      limiter.didFail()
      return
    }
    const seconds = Math.ceil(waitMs / 1000)
    throw new WorkbenchError('limit-exceeded', `Too many wrong tokens from here: try again in ${seconds} s`)
  }

  #noteUse(held: HeldToken): void {
    const { clock, storage, onFailure } = this.#options
    const usedAtMs = clock.nowMs()
    if (usedAtMs - (held.token.lastUsedAtMs ?? -useNoteMs) < useNoteMs) return
    held.token = { ...held.token, lastUsedAtMs: usedAtMs }
    storage.call('web.noteTokenUse', { tokenId: held.token.id, usedAtMs }).catch(onFailure)
    this.#didChange.fire(null)
  }
}
