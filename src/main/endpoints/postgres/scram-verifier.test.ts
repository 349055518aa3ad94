/** What is read as a verifier, and what made-up ones give away. */

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { generatePassword, makeVerifier, mockVerifier, readVerifier, scramKeys } from './scram-verifier.ts'

const zeros = Buffer.alloc(32).toString('base64')

describe('a verifier', () => {
  test('is read as Postgres stores it, and made so', async () => {
    const text = await makeVerifier('secret')
    expect(text).toMatch(/^SCRAM-SHA-256\$4096:[^$]{24}\$[^:]{44}:[^:]{44}$/)
    const verifier = readVerifier(text)
    expect(verifier).toMatchObject({ iterations: 4096, salt: { length: 16 } })
    expect(verifier).toMatchObject(await scramKeys('secret', verifier?.salt ?? Buffer.alloc(0), 4096))
  })

  test('is nothing else', () => {
    const wrong = [
      null,
      '',
      `md5${'0'.repeat(32)}`,
      `SCRAM-SHA-256$0:AAAA$${zeros}:${zeros}`,
      `SCRAM-SHA-256$2147483648:AAAA$${zeros}:${zeros}`,
      `SCRAM-SHA-256$4096:AAAA$${zeros}:AAAA`,
      `SCRAM-SHA-256$4096:AAAA$AAAA:${zeros}`,
      `SCRAM-SHA-256$4096:=$${zeros}:${zeros}`,
      `SCRAM-SHA-1$4096:AAAA$${zeros}:${zeros}`,
      `SCRAM-SHA-256$4096:AAAA$${zeros}:${zeros}\n`,
    ]
    for (const text of wrong) expect(readVerifier(text), String(text)).toBeNull()
    expect(readVerifier(`SCRAM-SHA-256$1:AAAA$${zeros}:${zeros}`)).not.toBeNull()
    expect(readVerifier(`SCRAM-SHA-256$2147483647:AAAA$${zeros}:${zeros}`)).not.toBeNull()
  })

  test('made up is constant for a name, and looks like a true one', () => {
    const secret = randomBytes(32)
    expect(mockVerifier('a', secret)).toEqual(mockVerifier('a', secret))
    expect(mockVerifier('a', secret)).not.toEqual(mockVerifier('b', secret))
    expect(mockVerifier('a', secret)).not.toEqual(mockVerifier('a', randomBytes(32)))
    expect(mockVerifier('a', secret)).toMatchObject({ iterations: 4096, salt: { length: 16 } })
  })

  test('prepares passwords by SASLprep, and takes those as they are that it refuses', async () => {
    const salt = randomBytes(16)
    const keys = (password: string): Promise<unknown> => scramKeys(password, salt, 1)
    expect(await keys('I\u{AD}X')).toEqual(await keys('IX'))
    expect(await keys('\u{2168}')).toEqual(await keys('IX'))
    expect(await keys('\u{7}\u{2168}')).not.toEqual(await keys('\u{7}IX'))
  })

  test('belongs to a password that fits into any URL', () => {
    expect(generatePassword()).toMatch(/^[\w-]{32}$/)
    expect(generatePassword()).not.toBe(generatePassword())
  })
})
