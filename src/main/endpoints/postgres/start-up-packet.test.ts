/** What is read as a start-up packet, and on both sides of each bound. */

import { describe, expect, test } from 'vitest'
import { packetBytes, packetBytesMax, protocolLatest, readStartUpPacket } from './start-up-packet.ts'

function packet(code: number, body: string | Buffer = ''): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(body)])
  bytes.writeInt32BE(bytes.length, 0)
  bytes.writeInt32BE(code, 4)
  return bytes
}

const version3 = 3 << 16

function failureOf(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

describe('a start-up packet', () => {
  test('names parameters and options', () => {
    const body = 'user\0ann\0database\0\0__proto__\0x\0_pq_.new\x001\0user\0bob\0\0'
    expect(readStartUpPacket(packet(version3, body))).toEqual({
      kind: 'start-up',
      version: version3,
      parameters: new Map([
        ['user', 'bob'],
        ['database', ''],
        ['__proto__', 'x'],
      ]),
      unknownOptions: ['_pq_.new'],
    })
  })

  test('may be of any minor version', () => {
    for (const version of [version3, version3 + 1, protocolLatest, version3 + 9999]) {
      expect(readStartUpPacket(packet(version, '\0'))).toMatchObject({ kind: 'start-up', version })
    }
    for (const major of [0, 1, 2]) {
      const version = major << 16
      expect(readStartUpPacket(packet(version, '\0'))).toEqual({ kind: 'unsupported', version })
    }
    for (const major of [4, 0x7fff, -1]) {
      const read = (): unknown => readStartUpPacket(packet(major << 16, '\0'))
      expect(failureOf(read), String(major)).toMatchObject({ sql: { code: '0A000', severity: 'FATAL' } })
    }
  })

  test('asks for encryption, or for a cancel with a key of 1 to 256 bytes', () => {
    expect(readStartUpPacket(packet(80877103))).toEqual({ kind: 'ssl' })
    expect(readStartUpPacket(packet(80877104))).toEqual({ kind: 'gssenc' })
    for (const keyBytes of [1, 4, 32, 256]) {
      const key = Buffer.alloc(keyBytes, 7)
      const body = Buffer.concat([Buffer.from([0, 0, 1, 2]), key])
      expect(readStartUpPacket(packet(80877102, body))).toEqual({ kind: 'cancel', processId: 258, key })
    }
    const wrong = [
      packet(80877103, '\0'),
      packet(80877104, '\0'),
      packet(80877102),
      packet(80877102, Buffer.alloc(4)),
      packet(80877102, Buffer.alloc(261)),
    ]
    for (const bytes of wrong) {
      expect(failureOf(() => readStartUpPacket(bytes))).toMatchObject({ sql: { code: '08P01' } })
    }
  })

  test('ends with its last terminator', () => {
    for (const body of ['', 'user', 'user\0', 'user\0ann', 'user\0ann\0', 'user\0ann\0\0x', '\0\0']) {
      const read = (): unknown => readStartUpPacket(packet(version3, body))
      expect(failureOf(read), JSON.stringify(body)).toMatchObject({ sql: { code: '08P01' } })
    }
    const notUtf8 = Buffer.from('user\0\xff\0\0', 'latin1')
    expect(failureOf(() => readStartUpPacket(packet(version3, notUtf8)))).toMatchObject({
      sql: { code: '22021' },
    })
  })

  test('has from 8 to 10,004 bytes', () => {
    const head = (length: number): Buffer => {
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(length)
      return bytes
    }
    expect([8, packetBytesMax].map((length) => packetBytes(head(length)))).toEqual([8, 10_004])
    for (const length of [-1, -(2 ** 31), 0, 4, 7, packetBytesMax + 1, 2 ** 30, 2 ** 31 - 1]) {
      expect(failureOf(() => packetBytes(head(length)))).toMatchObject({ sql: { code: '08P01' } })
    }
  })
})
