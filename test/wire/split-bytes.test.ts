/**
 * A conversation cut in two at every position, and into single bytes, is answered like the whole: after log-in,
 * and during it.
 */

import { describe, expect } from 'vitest'
import * as m from '../support/wire/frontend-messages.ts'
import type { WireClient } from '../support/wire/wire-client.ts'
import { wireSuite } from '../support/wire/wire-suite.ts'

const CONVERSATION = Buffer.concat([
  m.parse('select $1::int + 1', 's'),
  m.bind({ statement: 's', values: ['41'] }),
  m.describePortal(),
  m.execute('', 1),
  m.closeStatement('s'),
  m.flush(),
  m.sync(),
  m.query('select 1; select \u00e9'),
  m.query('copy c from stdin'),
  m.copyData('1\n2\n'),
  m.copyDone(),
  m.query('copy c to stdout'),
  m.extended('select 1/0'),
  m.sync(),
  m.query('truncate c'),
])
/** Sync and Query each bring one. */
const READY_COUNT = 6

async function converse(client: WireClient, pieces: readonly Buffer[]): Promise<string[]> {
  await client.socket.writeInPieces(pieces)
  const lines: string[] = []
  for (let round = 0; round < READY_COUNT; round += 1) lines.push(...(await client.ready()))
  return lines
}

function cutAt(bytes: Buffer, at: number): Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)].filter((piece) => piece.length > 0)
}

describe('split bytes', () => {
  const suite = wireSuite()

  suite.case(
    'a conversation cut in two anywhere is answered like the whole',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query('create temp table c (n int)')
      const whole = await converse(a, [CONVERSATION])
      expect(whole.filter((line) => line.startsWith('Z'))).toHaveLength(READY_COUNT)
      for (let at = 1; at < CONVERSATION.length; at += 1) {
        expect({ at, lines: await converse(a, cutAt(CONVERSATION, at)) }).toEqual({ at, lines: whole })
      }
      stage.transcript.length = 0
      stage.noteAll('whole', whole)
    },
    { isOnce: true },
  )

  suite.case(
    'a conversation in single bytes is answered like the whole',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query('create temp table c (n int)')
      const whole = await converse(a, [CONVERSATION])
      const bytes = Array.from(CONVERSATION, (byte) => Buffer.from([byte]))
      expect(await converse(a, bytes)).toEqual(whole)
    },
    { isOnce: true },
  )

  suite.case(
    'a log-in cut in two anywhere succeeds',
    async (stage) => {
      const first = await stage.open('first', { parameters: { application_name: 'cut' } })
      const whole = await first.start()
      const longest = first.startupPacket().length
      for (let at = 1; at < longest; at += 1) {
        const a = await stage.open('a', { parameters: { application_name: 'cut' } })
        const lines = await a.start((bytes) => a.socket.writeInPieces(cutAt(bytes, at)))
        expect({ at, lines }).toEqual({ at, lines: whole })
        a.socket.destroy()
      }
    },
    { isOnce: true },
  )

  suite.case('a log-in in single bytes succeeds, and requests before it, too', async (stage) => {
    const a = await stage.open('a')
    const split = (bytes: Buffer): Promise<void> =>
      a.socket.writeInPieces(Array.from(bytes, (byte) => Buffer.from([byte])))
    await split(m.untyped(m.int32(m.GSSENC_REQUEST)).subarray(0, 7))
    stage.note(await a.socket.ask(m.untyped(m.int32(m.GSSENC_REQUEST)).subarray(7)))
    stage.noteAll('a<', await a.start(split))
  })

  suite.case(
    'many conversations in one piece are answered in order',
    async (stage) => {
      const a = await stage.connect('a')
      await a.query('create temp table c (n int)')
      const whole = await converse(a, [CONVERSATION])
      await a.socket.write(Buffer.concat(Array.from({ length: 20 }, () => CONVERSATION)))
      for (let round = 0; round < 20; round += 1) expect(await converse(a, [])).toEqual(whole)
    },
    { isOnce: true },
  )

  suite.case('two clients whose bytes alternate do not mix', async (stage) => {
    const a = await stage.connect('a')
    const b = await stage.connect('b')
    const bytesOf = (name: string): Buffer =>
      Buffer.concat([m.query(`select '${name}1'`), m.query(`select '${name}2'`)])
    const [left, right] = [bytesOf('a'), bytesOf('b')]
    for (let at = 0; at < left.length; at += 1) {
      await a.socket.writeInPieces([left.subarray(at, at + 1)])
      await b.socket.writeInPieces([right.subarray(at, at + 1)])
    }
    for (const client of [a, b, a, b]) await client.ready()
  })
})
