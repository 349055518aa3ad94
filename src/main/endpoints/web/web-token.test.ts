/** Tokens as texts: what is minted, and what is recognised. */

import { expect, test } from 'vitest'
import { present } from '../../../base/assert.ts'
import type { TokenGrant } from './web-access.ts'
import { findByHash, hashToken, mintToken } from './web-token.ts'

/** What a grant is found with. */
type HashedGrant = Pick<TokenGrant, 'tokenId'> & { readonly hash: Buffer }

function hashed(token: string): Buffer {
  return present(hashToken(token), 'The hash')
}

test('a token has 256 bits after its prefix, and no two are alike', () => {
  const tokens = Array.from({ length: 100 }, mintToken)
  expect(new Set(tokens).size).toBe(100)
  for (const token of tokens) {
    expect(token).toMatch(/^wdn_/)
    expect(Buffer.from(token.slice(4), 'base64url')).toHaveLength(32)
  }
})

test('its hash tells nothing of it, and finds it again', () => {
  const tokens = Array.from({ length: 5 }, mintToken)
  const grants: HashedGrant[] = tokens.map((token, index) => ({ tokenId: `${index}`, hash: hashed(token) }))
  expect(findByHash(grants, hashed(tokens[3] ?? ''))?.tokenId).toBe('3')
  expect(findByHash(grants, hashed(mintToken()))).toBeNull()
  expect(findByHash([], hashed(mintToken()))).toBeNull()
})

test('what was never minted has no hash: passwords, longer texts, other cases, JWTs', () => {
  const token = mintToken()
  const jwt = 'eyJhbGciOiJub25lIn0.eyJyb2xlIjoicG9zdGdyZXMifQ.'
  const others = ['', 'secret', `${token}x`, ` ${token}`, `${token}\n`, token.slice(0, -1), jwt]
  for (const text of [...others, token.toUpperCase(), `${token}${'x'.repeat(1 << 20)}`]) {
    expect(hashToken(text)).toBeNull()
  }
})
