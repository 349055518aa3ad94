/**
 * The data of a large terminal frame, encoded in pieces while it comes and put together from them: a few megabytes at
 * once would hold up everybody for longer than is noticed. Writes JSON or MessagePack; knows no request.
 */

import { PartCodec } from '../../../protocol/message-parts.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'

/** What follows each other in a frame. */
export type Piece = string | Uint8Array

/** How much of what Postgres sends is encoded at once, which takes a millisecond or two. */
export const pieceBytes = 128 << 10

/** Values that are encoded, some in each piece. */
export interface EncodedValues {
  readonly pieces: readonly Piece[]
  readonly count: number
}

/** One subprotocol's way. What it answers lies in memory of its own. */
export interface DataEncoder {
  value(value: unknown): Piece
  /** One behind the other, as the pieces of `list` are; one value at least. */
  values(values: readonly unknown[]): Piece
  /** As `values`, of texts of JSON. */
  valuesOfJson(texts: readonly string[]): Piece
  /** `items`: one or several values each, which may be in several pieces. */
  list(count: number, items: readonly (readonly Piece[])[]): Piece[]
  /** Fewer than 16 entries. */
  map(entries: readonly MapEntry[]): Piece[]
}

export type MapEntry = readonly [key: string, value: readonly Piece[]]

export function dataEncoder(encoding: Encoding): DataEncoder {
  return encoding === 'json' ? new JsonData() : new MsgpackData()
}

/** A list of what was encoded before. */
export function listOf(encoder: DataEncoder, { count, pieces }: EncodedValues): Piece[] {
  return encoder.list(
    count,
    pieces.map((piece) => [piece]),
  )
}

class JsonData implements DataEncoder {
  value(value: unknown): string {
    return JSON.stringify(value)
  }

  // Bytes, so that a turn of the loop need not encode the whole text.
  values(values: readonly unknown[]): Uint8Array {
    return Buffer.from(JSON.stringify(values).slice(1, -1))
  }

  valuesOfJson(texts: readonly string[]): Uint8Array {
    return Buffer.from(texts.join(','))
  }

  list(_count: number, items: readonly (readonly Piece[])[]): Piece[] {
    return ['[', ...items.flatMap((item, index) => (index > 0 ? [',', ...item] : item)), ']']
  }

  map(entries: readonly MapEntry[]): Piece[] {
    const pieces = entries.flatMap(([key, value], index) => [
      `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`,
      ...value,
    ])
    return ['{', ...pieces, '}']
  }
}

/** Heads of fixmap and "array 32" (MessagePack specification, "Formats"). */
const smallMapHead = 0x80
const arrayHead = 0xdd

class MsgpackData implements DataEncoder {
  readonly #codec = new PartCodec()

  value(value: unknown): Uint8Array {
    // A view of the codec's memory, which the next value is written to.
    return this.#codec.encode(value).slice()
  }

  values(values: readonly unknown[]): Uint8Array {
    return this.#codec.encode(values).slice(arrayHeadBytes(values.length))
  }

  valuesOfJson(texts: readonly string[]): Uint8Array {
    return this.values(JSON.parse(`[${texts.join(',')}]`) as unknown[])
  }

  list(count: number, items: readonly (readonly Piece[])[]): Piece[] {
    const head = Buffer.alloc(5)
    head[0] = arrayHead
    head.writeUInt32BE(count, 1)
    return [head, ...items.flat()]
  }

  map(entries: readonly MapEntry[]): Piece[] {
    const pieces = entries.flatMap(([key, value]) => [this.value(key), ...value])
    return [Uint8Array.of(smallMapHead + entries.length), ...pieces]
  }
}

/** What the codec writes in front of the values. */
function arrayHeadBytes(length: number): number {
  if (length < 16) return 1
  return length < 1 << 16 ? 3 : 5
}
