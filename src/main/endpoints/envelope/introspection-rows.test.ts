/**
 * Goal: an answer of any size holds the event loop for no more than a piece of it. Method: rows as Postgres sends them,
 * of which some are not taken where others are to come between; what comes out is read by the client's own means.
 */

import { expect, it } from 'vitest'
import { PartCodec } from '../../../protocol/message-parts.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'
import { dataEncoder, pieceBytes, type Piece } from './data-encoder.ts'
import { IntrospectionRows } from './introspection-rows.ts'
import { introspectionParts } from './introspection-sql.ts'

const encodings: readonly Encoding[] = ['json', 'msgpack']
const objectBytes = 1_000

/** A DataRow (PostgreSQL 18 documentation, section 54.7). */
function dataRow(part: number, object: object): Buffer {
  const columns = [String(part), JSON.stringify(object)].map((text) => {
    const head = Buffer.alloc(4)
    head.writeInt32BE(Buffer.byteLength(text))
    return Buffer.concat([head, Buffer.from(text)])
  })
  return Buffer.concat([Buffer.from('D\0\0\0\0\0\x02'), ...columns])
}

function schemaRows(name: string, counts: readonly [relations: number, enums: number, functions: number]) {
  const objects = counts.flatMap((count, index) =>
    Array.from({ length: count }, (_, number) => {
      const filler = `${name} ü`.padEnd(objectBytes, 'x')
      return { part: index + 1, object: { name: `${introspectionParts[index + 1]} ${number}`, filler } }
    }),
  )
  return [{ part: 0, object: { name, comment: null } }, ...objects]
}

function data(encoding: Encoding, pieces: readonly Piece[]): unknown {
  const bytes = Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
  return encoding === 'json' ? JSON.parse(bytes.toString()) : new PartCodec().decode(bytes)
}

function play(encoding: Encoding, bytesMax = 32 << 20) {
  const waiting: (() => void)[] = []
  const overs: string[] = []
  const rows = new IntrospectionRows({
    ...{ bytesMax, encoder: dataEncoder(encoding) },
    onOver: () => overs.push('over'),
    onPiece: (goOn) => waiting.push(goOn),
  })
  /** Bytes that were taken in each turn. */
  const turns = [0]
  const add = (bytes: Buffer): void => {
    const place = { start: 3, end: 3 + bytes.length, count: 1 }
    const message = Buffer.concat([Buffer.alloc(3), bytes])
    while (!rows.row(message, place)) {
      const goOn = waiting.shift()
      if (!goOn) throw new Error('It takes no row, and does not say when it will')
      goOn()
      turns.push(0)
    }
    turns[turns.length - 1] = (turns.at(-1) ?? 0) + bytes.length
  }
  return { rows, add, turns, overs }
}

it.each(encodings)('takes a piece of a large answer in one turn, and tells all of it (%s)', (encoding) => {
  const { rows, add, turns } = play(encoding)
  const schemas = [
    ['empty', [0, 0, 0]],
    ['many', [300, 200, 40]],
    ['few', [1, 0, 16]],
  ] as const
  const all = schemas.flatMap(([name, counts]) => schemaRows(name, counts))
  for (const { part, object } of all) add(dataRow(part, object))
  expect(turns.length).toBeGreaterThan(4)
  for (const bytes of turns) expect(bytes).toBeLessThan(pieceBytes + 2 * objectBytes)
  const objectsOf = (name: string, part: number) => {
    const from = all.findIndex(({ object }) => object.name === name) + 1
    const to = all.findIndex(({ part: other }, index) => index >= from && other === 0)
    return all.slice(from, to < 0 ? undefined : to).flatMap((row) => (row.part === part ? [row.object] : []))
  }
  expect(data(encoding, rows.data)).toEqual({
    schemas: schemas.map(([name]) => ({
      ...{ name, comment: null },
      ...{ relations: objectsOf(name, 1), enums: objectsOf(name, 2), functions: objectsOf(name, 3) },
    })),
  })
})

it.each(encodings)('tells that there is nothing (%s)', (encoding) => {
  expect(data(encoding, play(encoding).rows.data)).toEqual({ schemas: [] })
})

it('is over at its bound, says so once, and keeps nothing', () => {
  const row = dataRow(0, { name: 'a', comment: null })
  const { rows, add, overs } = play('json', 2 * row.length)
  add(row)
  add(row)
  expect([rows.isOver, overs]).toEqual([false, []])
  add(row)
  add(row)
  expect([rows.isOver, overs]).toEqual([true, ['over']])
})
