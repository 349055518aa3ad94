/**
 * Goal: a token is worth what it was made for, for as long as it was made for, and nothing tells it but itself. Method:
 * a real store, a clock that moves when it is told.
 */

import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { present } from '../../base/assert.ts'
import { TestClock } from '../../base/clock.ts'
import { webTokensMax, type TokenWish } from '../../contract/web-endpoint.ts'
import { mintToken } from '../endpoints/web/web-token.ts'
import { StorageClient } from '../storage/storage-client.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { WebTokens } from './web-tokens.ts'

const wish: TokenWish = {
  ...{ label: 'a test', instanceIds: ['i1'], access: 'read-only', role: null, expiresAtMs: null },
}
/** {"alg":"none"} and claims of a superuser, without a signature. */
const jwt = 'eyJhbGciOiJub25lIn0.eyJyb2xlIjoicG9zdGdyZXMiLCJhdWQiOiJ3YXJkaWFuIn0.'

describe('tokens of the web endpoint', () => {
  const path = temporaryDirectory()
  const clock = new TestClock()
  const names = new Map([
    ['i1', 'shop'],
    ['i2', 'sales'],
  ])
  let storage: StorageClient | null = null
  let tokens: WebTokens | null = null
  const store = (): StorageClient => present(storage, 'the store')
  const made = (): WebTokens => present(tokens, 'the tokens')

  beforeAll(async () => {
    await mkdir(path('data'))
    storage = new StorageClient(path('data'), 'damaged')
  })
  beforeEach(async () => {
    tokens = await opened()
    for (const { id } of made().list()) await made().revoke(id)
  })
  afterAll(() => store().close())

  async function opened(): Promise<WebTokens> {
    const kept = await store().call('web.listTokens', null)
    const onFailure = (error: unknown): void => {
      throw error
    }
    return new WebTokens({ storage: store(), clock, kept, nameOf: (id) => names.get(id) ?? null, onFailure })
  }

  it('lets in whom it was made for, also after a restart', async () => {
    const { token, secret } = await made().create({ ...wish, label: 'the shop' })
    const grant = { tokenId: token.id, tenants: ['shop'], access: 'read-only', role: 'wardian_reader' }
    expect(made().authenticate(secret, null)).toEqual({ ...grant, expiresAtMs: null })
    const again = await opened()
    expect(again.list()).toMatchObject([{ label: 'the shop', lastUsedAtMs: clock.nowMs() }])
    expect(again.authenticate(secret, null)).toEqual({ ...grant, expiresAtMs: null })
    expect(again.maySee(token.id, 'i1')).toBe(true)
    expect(again.maySee(token.id, 'i2')).toBe(false)
  })

  it('is kept as its hash alone', async () => {
    const { secret } = await made().create(wish)
    expect(JSON.stringify(made().list())).not.toContain(secret.slice(4))
    for (const file of await readdir(path('data'))) {
      const bytes = await readFile(join(path('data'), file)).catch(() => Buffer.alloc(0))
      expect(bytes.includes(secret.slice(4))).toBe(false)
    }
  })

  it('is worth nothing once it has expired, or was revoked', async () => {
    const expiring = await made().create({ ...wish, expiresAtMs: clock.nowMs() + 1_000 })
    clock.advance(999)
    expect(made().authenticate(expiring.secret, null)).not.toBeNull()
    clock.advance(1)
    expect(made().authenticate(expiring.secret, null)).toBeNull()
    expect(made().maySee(expiring.token.id, 'i1')).toBe(false)
    const { token, secret } = await made().create(wish)
    const told: string[] = []
    const watch = made().onDidRevoke(({ tokenId }) => told.push(tokenId))
    await made().revoke(token.id)
    watch.dispose()
    expect(told).toEqual([token.id])
    expect(made().authenticate(secret, null)).toBeNull()
    expect((await opened()).authenticate(secret, null)).toBeNull()
    await expect(made().revoke(token.id)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is no JWT, whatever that claims, and no password', () => {
    for (const text of [jwt, 'postgres', '', `${mintToken()}.`]) {
      expect(made().authenticate(text, text)).toBeNull()
    }
  })

  it('slows down who shows wrong ones, and keeps nobody out with a right one', async () => {
    const { secret } = await made().create(wish)
    for (let count = 0; count < 10; count += 1) expect(made().authenticate(mintToken(), '::1')).toBeNull()
    expect(() => made().authenticate(mintToken(), '::1')).toThrow('Too many wrong tokens from here')
    expect(made().authenticate(mintToken(), '192.0.2.1')).toBeNull()
    expect(made().authenticate(secret, '::1')).not.toBeNull()
    clock.advance(30_000)
    expect(made().authenticate(mintToken(), '::1')).toBeNull()
  })

  it.each([
    [{ expiresAtMs: 0 }, 'invalid-argument'],
    [{ role: 'postgres' }, 'invalid-argument'],
    [{ instanceIds: [] }, 'invalid-argument'],
    [{ instanceIds: ['i3'] }, 'not-found'],
  ] as const)('is not made with %j', async (change, code) => {
    await expect(made().create({ ...wish, ...change })).rejects.toMatchObject({ code })
    expect(made().list()).toEqual([])
  })

  it('is one of as many as can be looked through', async () => {
    for (let count = 0; count < webTokensMax; count += 1) await made().create(wish)
    await expect(made().create(wish)).rejects.toMatchObject({ code: 'limit-exceeded' })
  })

  it('tells the names that its instances have now', async () => {
    const { secret } = await made().create({ ...wish, instanceIds: ['i1', 'i2'] })
    expect(made().authenticate(secret, null)?.tenants).toEqual(['shop', 'sales'])
    names.set('i2', 'invoices')
    names.delete('i1')
    expect(made().authenticate(secret, null)?.tenants).toEqual(['invoices'])
    names.set('i1', 'shop')
  })
})
