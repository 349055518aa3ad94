/**
 * What the catalogs say, from the rows of introspection-sql.ts to the data of a frame: encoded in pieces while it
 * comes. Knows no session and no socket.
 */

import {
  listOf,
  pieceBytes,
  type DataEncoder,
  type EncodedValues,
  type MapEntry,
  type Piece,
} from './data-encoder.ts'
import { introspectionParts } from './introspection-sql.ts'
import type { RowPlace, RowSink } from './statement-run.ts'

export interface IntrospectionRowsOptions {
  readonly bytesMax: number
  readonly encoder: DataEncoder
  /** Called once, when it is clear that there are more bytes than that. */
  onOver(): void
  /** A piece is encoded: no more rows are taken before `goOn`, so that others come between. */
  onPiece(goOn: () => void): void
}

/** A schema of which everything has come. */
type DoneSchema = readonly MapEntry[]

export class IntrospectionRows implements RowSink {
  /** There was more than may be. */
  isOver = false
  readonly #options: IntrospectionRowsOptions
  #schemas: DoneSchema[] = []
  #current: OpenSchema | null = null
  #byteCount = 0
  #waitingBytes = 0
  #isResting = false

  constructor(options: IntrospectionRowsOptions) {
    this.#options = options
  }

  /** After the last row. */
  get data(): Piece[] {
    const { encoder } = this.#options
    this.#close()
    const schemas = this.#schemas.map((entries) => encoder.map(entries))
    return encoder.map([['schemas', encoder.list(schemas.length, schemas)]])
  }

  begin(): void {
    // Its columns are known.
  }

  row(bytes: Buffer, { start, end }: RowPlace): boolean {
    if (this.isOver) return true
    if (this.#isResting) return false
    this.#byteCount += end - start
    this.#waitingBytes += end - start
    this.isOver = this.#byteCount > this.#options.bytesMax
    if (this.isOver) {
      this.#schemas = []
      this.#current = null
      this.#options.onOver()
      return true
    }
    this.#take(readObject(bytes, start, end))
    if (this.#waitingBytes > pieceBytes) this.#encode()
    return true
  }

  end(): boolean {
    return true
  }

  #take({ part, json }: CatalogObject): void {
    if (part !== 0) {
      this.#current?.add(part, json)
      return
    }
    this.#close()
    this.#current = new OpenSchema(json, this.#options.encoder)
  }

  #encode(): void {
    this.#waitingBytes = 0
    this.#current?.encode()
    this.#isResting = true
    this.#options.onPiece(() => (this.#isResting = false))
  }

  #close(): void {
    if (this.#current) this.#schemas.push(this.#current.end())
    this.#current = null
  }
}

/** A schema, the objects of which come. */
class OpenSchema {
  readonly #encoder: DataEncoder
  readonly #head: object
  readonly #lists: readonly ObjectList[]

  constructor(json: string, encoder: DataEncoder) {
    this.#encoder = encoder
    this.#head = JSON.parse(json) as object
    this.#lists = introspectionParts.slice(1).map(() => new ObjectList(encoder))
  }

  add(part: number, json: string): void {
    this.#lists[part - 1]?.add(json)
  }

  encode(): void {
    for (const list of this.#lists) list.encode()
  }

  end(): DoneSchema {
    const encoder = this.#encoder
    return [
      ...Object.entries(this.#head).map(([name, value]) => [name, [encoder.value(value)]] as const),
      ...this.#lists.map((list, index) => {
        return [introspectionParts[index + 1] ?? '', listOf(encoder, list.end())] as const
      }),
    ]
  }
}

class ObjectList {
  readonly #encoder: DataEncoder
  readonly #pieces: Piece[] = []
  #waiting: string[] = []
  #count = 0

  constructor(encoder: DataEncoder) {
    this.#encoder = encoder
  }

  add(json: string): void {
    this.#waiting.push(json)
    this.#count += 1
  }

  encode(): void {
    if (this.#waiting.length > 0) this.#pieces.push(this.#encoder.valuesOfJson(this.#waiting))
    this.#waiting = []
  }

  end(): EncodedValues {
    this.encode()
    return { pieces: this.#pieces, count: this.#count }
  }
}

interface CatalogObject {
  /** Which of `introspectionParts`. */
  readonly part: number
  readonly json: string
}

/** A DataRow of a number and a text (PostgreSQL 18 documentation, section 54.7). */
function readObject(bytes: Buffer, start: number, end: number): CatalogObject {
  const numberAt = start + 7 + 4
  const jsonAt = numberAt + bytes.readInt32BE(start + 7) + 4
  return {
    part: Number(bytes.toString('latin1', numberAt, jsonAt - 4)),
    json: bytes.toString('utf8', jsonAt, end),
  }
}
