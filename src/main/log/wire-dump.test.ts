/** Goal: messages are dumped whole however they are cut, and none with a secret. Method: messages, generated cuts. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayHaveSecrets, withoutSecrets } from './secret-redaction.ts'
import { WireDump, type DumpedMessage } from './wire-dump.ts'

function message(type: string, body: string): Buffer {
  const bytes = Buffer.from(body, 'latin1')
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeUInt32BE(bytes.length + 4, 1)
  return Buffer.concat([head, bytes])
}

function dumped(pieces: readonly Uint8Array[]): DumpedMessage[] {
  const told: DumpedMessage[] = []
  const dump = new WireDump((each) => void told.push(each))
  for (const piece of pieces) dump.received(piece)
  return told
}

describe('WireDump', () => {
  const all = Buffer.concat([
    message('Q', 'select 1\0'),
    message('S', ''),
    message('Q', `select '${'x'.repeat(10_000)}'\0`),
    message('Q', "alter role r password 'hunter2'\0"),
    message('d', 'rows of COPY'),
  ])

  it('tells the same however the bytes are cut', () => {
    const whole = dumped([all])
    expect(whole.map(({ type, byteCount, hex }) => [type, byteCount, hex === null])).toEqual([
      ['Q', 14, false],
      ['S', 5, false],
      ['Q', 10_015, false],
      ['Q', 37, true],
      ['d', 17, true],
    ])
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 40 }),
        (lengths) => {
          const pieces: Buffer[] = []
          for (let at = 0, index = 0; at < all.length; index++) {
            const length = lengths[index % lengths.length] ?? 1
            pieces.push(all.subarray(at, at + length))
            at += length
          }
          expect(dumped(pieces)).toEqual(whole)
        },
      ),
    )
  })

  it('shows bytes and characters', () => {
    const [first] = dumped([message('Q', 'select 1\0')])
    expect(first?.hex).toBe('0000  51 00 00 00 0d 73 65 6c 65 63 74 20 31 00        |Q....select 1.|')
  })
})

describe('what is taken out of a log', () => {
  it.each([
    ["alter role r password 'hunter2'", "alter role r password '…'"],
    ["create role r encrypted password E'hun\\'ter2' login", "create role r encrypted password '…' login"],
    ['alter role r password $x$hunter2$x$;', 'alter role r password …;'],
    ['postgres://me:hunter2@host/db', 'postgres://me:…@host/db'],
    ['Authorization: Bearer hunter2', 'Authorization: … …'],
    ['http://127.0.0.1:7437/#token=hunter2', 'http://127.0.0.1:7437/#token=…'],
    ['{"password":"hunter2","port":1}', '{"password":…,"port":1}'],
    ['is SCRAM-SHA-256$4096:hunter2', 'is SCRAM-SHA-256$…'],
    ['md50123456789abcdef0123456789abcdef', 'md5…'],
    ['nothing of the kind', 'nothing of the kind'],
  ])('%s', (text, expected) => {
    const told = withoutSecrets(text)
    expect(told).not.toContain('hunter2')
    expect(told).toBe(expected)
  })

  it('is found in bytes before they are shown', () => {
    expect(mayHaveSecrets('PASSWORD')).toBe(true)
    expect(mayHaveSecrets('select 1')).toBe(false)
  })
})
