/**
 * A real Postgres, asked over its own protocol with chosen result formats, for tests of exactness: the bytes it
 * answers with, and the same cells read from them in the simplest possible way.
 */

import { PGlite } from '@electric-sql/pglite'
import { serialize } from 'pg-protocol'
import { columnKinds } from '../../src/contract/column-batch.ts'
import type { ColumnKind } from '../../src/contract/column-batch.ts'

/** The types that are asked for in binary, by type OID (PostgreSQL 18, src/include/catalog/pg_type.dat). */
const binaryKinds = new Map<number, ColumnKind>([
  [16, columnKinds.bool],
  [20, columnKinds.int64],
  [21, columnKinds.int32],
  [23, columnKinds.int32],
  [26, columnKinds.uint32],
  [28, columnKinds.uint32],
  [29, columnKinds.uint32],
  [701, columnKinds.float64],
])

const textFormat = 0
const binaryFormat = 1

/** What one statement answered. */
export interface Answer {
  readonly kinds: Uint8Array
  readonly bytes: Buffer
}

/** A backend of its own; `await using` ends it. */
export class Postgres {
  readonly #database = new PGlite()

  static async open(): Promise<Postgres> {
    const postgres = new Postgres()
    await postgres.#database.waitReady
    return postgres
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close()
  }

  /** Runs a script whose results do not matter. */
  async script(sql: string): Promise<void> {
    await this.#database.exec(sql)
  }

  /** Runs one statement: fixed-width types in binary (`mixed`), or everything as text. */
  async ask(sql: string, formats: 'mixed' | 'text', parameters: Buffer[] = []): Promise<Answer> {
    const described = await this.#send(serialize.parse({ text: sql }), serialize.describe({ type: 'S' }))
    const kinds = typesOf(described).map((type) => (formats === 'text' ? columnKinds.text : kindOf(type)))
    const bytes = await this.#send(bind(parameters, kinds), serialize.execute({}))
    return { kinds: Uint8Array.from(kinds), bytes }
  }

  /** Runs one statement with kinds known already; its bytes are handed over as they come, as views. */
  async stream(sql: string, kinds: Uint8Array, take: (chunk: Uint8Array) => void): Promise<void> {
    const messages = [
      serialize.parse({ text: sql }),
      bind([], [...kinds]),
      serialize.execute({}),
      serialize.sync(),
    ]
    const options = { syncToFs: false, onRawData: take }
    await this.#database.execProtocolRawStream(Buffer.concat(messages), options)
  }

  async #send(...messages: Uint8Array[]): Promise<Buffer> {
    const input = Buffer.concat([...messages, serialize.sync()])
    const output = Buffer.from(await this.#database.execProtocolRaw(input))
    for (const { type, body } of messagesOf(output)) {
      if (type === 'E') throw new Error(body.toString('utf8').replaceAll('\0', ' '))
    }
    return output
  }
}

function kindOf(type: number): ColumnKind {
  return binaryKinds.get(type) ?? columnKinds.text
}

/** The cells of a text-format answer, as the strings that Postgres printed. */
export function textCells({ bytes }: Answer): (string | null)[][] {
  const rows: (string | null)[][] = []
  for (const { type, body } of messagesOf(bytes)) {
    if (type !== 'D') continue
    let at = 2
    rows.push(
      Array.from({ length: body.readUInt16BE(0) }, () => {
        const length = body.readInt32BE(at)
        const start = at + 4
        at = start + Math.max(length, 0)
        return length < 0 ? null : body.toString('utf8', start, at)
      }),
    )
  }
  return rows
}

function* messagesOf(bytes: Buffer): Generator<{ type: string; body: Buffer }> {
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    yield { type: String.fromCharCode(bytes[at] ?? 0), body: bytes.subarray(at + 5, end) }
  }
}

/** Type OIDs of a RowDescription: behind each name lie table, attribute, type, size, modifier and format. */
function typesOf(described: Buffer): number[] {
  for (const { type, body } of messagesOf(described)) {
    if (type !== 'T') continue
    let at = 2
    return Array.from({ length: body.readUInt16BE(0) }, () => {
      const nameEnd = body.indexOf(0, at)
      at = nameEnd + 19
      return body.readUInt32BE(nameEnd + 7)
    })
  }
  return []
}

/** Bind with a format for each column, which pg-protocol cannot say. Parameters are in binary format. */
function bind(parameters: Buffer[], kinds: number[]): Buffer {
  const words = (values: number[]): Buffer =>
    Buffer.from(values.flatMap((value) => [value >> 8, value & 255]))
  const body = Buffer.concat([
    Buffer.of(0, 0),
    words([1, binaryFormat, parameters.length]),
    ...parameters.flatMap((parameter) => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(parameter.length)
      return [length, parameter]
    }),
    words([kinds.length, ...kinds.map((kind) => (kind === columnKinds.text ? textFormat : binaryFormat))]),
  ])
  const head = Buffer.from('B\0\0\0\0', 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
