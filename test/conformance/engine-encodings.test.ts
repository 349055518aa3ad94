/**
 * Goal: text is converted between UTF-8 and every encoding that Postgres has, and what cannot be is an error in
 * Postgres's words. Method: a real engine, compared with the platform's own decoders and with known characters.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import { encodingNames } from '../../src/main/engine/pglite/encoding-characters.ts'
import type { Engine } from '../../src/main/engine/engine.ts'
import { engineFactories, engineFixture, openTimeoutMs, run } from '../support/engine-fixture.ts'

type Names = readonly (readonly [name: string, platformName: string])[]

/** Those that the platform has, too, byte by byte. */
const isoNames: Names = [
  ...[['LATIN2', 2] as const, ['LATIN3', 3] as const, ['LATIN4', 4] as const, ['LATIN6', 10] as const],
  ...[['LATIN7', 13] as const, ['LATIN8', 14] as const, ['LATIN9', 15] as const, ['LATIN10', 16] as const],
  ...[5, 6, 7, 8].map((part) => [`ISO_8859_${part}`, part] as const),
].map(([name, part]) => [name, `iso-8859-${part}`])
const windowsNames: Names = [1250, 1251, 1252, 1253, 1254, 1256, 1257, 1258].map((page) => [
  `WIN${page}`,
  `windows-${page}`,
])
const platformNames: Names = [...isoNames, ...windowsNames, ['KOI8R', 'koi8-r'], ['WIN866', 'ibm866']]

/** UTF-8 text and what it is elsewhere, in hexadecimal digits. */
const known: readonly (readonly [string, string, string])[] = [
  ...[['EUC_JP', 'é漢あ', '8fabb1b4c1a4a2'] as const, ['SJIS', '漢あｱ', '8abf82a0b1'] as const],
  ...[['EUC_CN', '汉字', 'babad7d6'] as const, ['GBK', '汉字', 'babad7d6'] as const],
  ...[['EUC_KR', '한글', 'c7d1b1db'] as const, ['UHC', '한글', 'c7d1b1db'] as const],
  ...[['BIG5', '漢字', 'ba7ea672'] as const, ['JOHAB', '모', 'a1a1'] as const],
  // By a rule, not by a table.
  ...[['GB18030', '汉\u{10000}', 'baba90308130'] as const, ['LATIN9', '€', 'a4'] as const],
  // Two characters that are one.
  ...[['EUC_JIS_2004', '\u304b\u309a', 'a4f7'] as const, ['SHIFT_JIS_2004', '\u304b\u309a', '82f5'] as const],
]

describe.each(engineFactories)('encodings of $name', ({ create }) => {
  const { common } = engineFixture(create())
  let engine: Engine

  beforeAll(async () => {
    engine = await common()
  }, openTimeoutMs)

  async function valueOf(sql: string): Promise<string | null> {
    const { rows, outcome } = await run(engine, sql)
    return outcome.error ? `${outcome.error.sql?.code} ${outcome.error.message}` : (rows[0]?.[0] ?? null)
  }

  test('have a name for each number, as Postgres has', async () => {
    const names = encodingNames.map((_, number) => `pg_encoding_to_char(${number})`)
    expect(await valueOf(`select concat_ws(',', ${names.join()}, nullif(pg_encoding_to_char(42), ''))`)).toBe(
      encodingNames.join(),
    )
  })

  test.each(platformNames)('%s is what the platform calls %s', async (name, platformName) => {
    const bytes = Array.from({ length: 128 }, (_, index) => 128 + index)
    const decoder = new TextDecoder(platformName)
    for (const byte of bytes) {
      const text = decoder.decode(Uint8Array.of(byte))
      const hex = byte.toString(16)
      const found = await valueOf(`select convert_from('\\x${hex}', '${name}')`)
      // What has no character in the one is a control character, or nothing, in the other.
      const isNothing = /[\u0080-\u009f\ufffd\ue000-\uf8ff]/u.test(text)
      const isSame = found?.startsWith('22P05') ? isNothing : found === text
      expect([hex, text, isSame ? 'same' : found]).toEqual([hex, text, 'same'])
    }
  })

  test.each(known)('%s has %s as %s, and back', async (name, text, hex) => {
    expect(await valueOf(`select encode(convert_to('${text}', '${name}'), 'hex')`)).toBe(hex)
    expect(await valueOf(`select convert_from('\\x${hex}', '${name}')`)).toBe(text)
  })

  test('what has no equivalent, or is no character, is told by its bytes', async () => {
    expect(await valueOf(`select convert_to('a€', 'LATIN1')`)).toBe(
      '22P05 character with byte sequence 0xe2 0x82 0xac in encoding "UTF8" has no equivalent in encoding "LATIN1"',
    )
    expect(await valueOf(`select convert_to('aé', 'KOI8R')`)).toBe(
      '22P05 character with byte sequence 0xc3 0xa9 in encoding "UTF8" has no equivalent in encoding "KOI8R"',
    )
    expect(await valueOf(`select convert_from('\\x81', 'WIN1252')`)).toBe(
      '22P05 character with byte sequence 0x81 in encoding "WIN1252" has no equivalent in encoding "UTF8"',
    )
    expect(await valueOf(`select convert_from('\\x61a4', 'EUC_JP')`)).toBe(
      '22021 invalid byte sequence for encoding "EUC_JP": 0xa4',
    )
    expect(await valueOf(`select convert_from('\\x6181300a', 'GB18030')`)).toBe(
      '22021 invalid byte sequence for encoding "GB18030": 0x81 0x30 0x0a',
    )
    expect(await valueOf(`select 'still here'`)).toBe('still here')
  })

  test('a text in which a character does not fit leaves nothing behind it', async () => {
    const text = 'é'.repeat(100_000)
    expect(await valueOf(`select md5(convert_to('${text}', 'WIN1252'))`)).toBe(
      await valueOf(`select md5(decode(repeat('e9', 100000), 'hex'))`),
    )
    expect(await valueOf(`select length(convert_from(decode(repeat('e9', 100000), 'hex'), 'WIN1252'))`)).toBe(
      '100000',
    )
  })
})
