/**
 * The text of a token, and what is kept of it: 256 random bits that are shown once, and their hash. A hash without salt
 * is enough for what nobody can guess. Knows no grant.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** By this people, and programs that look for leaked secrets, know one when they see it. */
const prefix = 'wdn_'
/** What nobody guesses. */
const secretBytes = 32
const tokenPattern = /^wdn_[A-Za-z0-9_-]{43}$/

/** A new token. Safe in headers, JSON and URLs, where it has no business nevertheless. */
export function mintToken(): string {
  return `${prefix}${randomBytes(secretBytes).toString('base64url')}`
}

/** SHA-256; null for what was never minted, whatever its length, such as a JWT or a password. */
export function hashToken(token: string): Buffer | null {
  return tokenPattern.test(token) ? createHash('sha256').update(token).digest() : null
}

/** The one of `candidates` that has this hash, found in a time that depends on their number alone. */
export function findByHash<T extends { readonly hash: Buffer }>(
  candidates: Iterable<T>,
  hash: Buffer,
): T | null {
  let found: T | null = null
  for (const candidate of candidates) {
    if (timingSafeEqual(candidate.hash, hash)) found = candidate
  }
  return found
}
