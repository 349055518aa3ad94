/**
 * The terminal frame of a large batch, of which the rows are encoded in pieces while they come: a few megabytes at
 * once would hold up everybody for longer than is noticed. Puts pieces together; knows no request and no Postgres.
 */

import type { AnswerMeta, BatchStepResult, TextRow } from '../../../protocol/answer-frame.ts'
import { PartCodec } from '../../../protocol/message-parts.ts'
import type { Encoding } from '../../../protocol/protocol-limits.ts'

/** JSON, or MessagePack: rows one behind the other, without the head of their array. */
export type Piece = string | Uint8Array

export interface EncodedRows {
  readonly pieces: readonly Piece[]
  readonly count: number
}

export interface BatchStep {
  /** Without rows where they are encoded. */
  readonly result: BatchStepResult
  readonly rows: EncodedRows | null
}

export interface BatchFrame {
  readonly meta: AnswerMeta
  readonly steps: readonly BatchStep[]
}

/** Makes a piece of some rows, one at least. */
export type EncodeRows = (rows: readonly TextRow[]) => Piece

export function rowsEncoder(encoding: Encoding): EncodeRows {
  if (encoding === 'json') return (rows) => JSON.stringify(rows).slice(1, -1)
  const codec = new PartCodec()
  // A view of the codec's memory, which the next piece is written to.
  return (rows) => codec.encode(rows).slice(arrayHeadBytes(rows.length))
}

/** The envelope as texts that follow each other. */
export function jsonBatch({ meta, steps }: BatchFrame): string[] {
  const end = ']}}'
  const texts = [JSON.stringify({ meta, data: { results: [] } }).slice(0, -end.length)]
  for (const [index, { result, rows }] of steps.entries()) {
    if (index > 0) texts.push(',')
    const text = JSON.stringify(result)
    if (rows === null) {
      texts.push(text)
      continue
    }
    texts.push('{"rows":[')
    for (const [at, piece] of rows.pieces.entries()) texts.push(at > 0 ? ',' : '', String(piece))
    texts.push('],', text.slice(1))
  }
  texts.push(end)
  return texts
}

/** The envelope as the header of a part. */
export function msgpackBatch({ meta, steps }: BatchFrame, codec: PartCodec): Uint8Array {
  const encode = (value: unknown): Uint8Array => codec.encode(value).slice()
  // It ends with the head of an empty array.
  const parts = [encode({ meta, data: { results: [] } }).subarray(0, -1), arrayHead(steps.length)]
  for (const { result, rows } of steps) {
    const bytes = encode(result)
    if (rows === null) {
      parts.push(bytes)
      continue
    }
    const [head = 0] = bytes
    parts.push(Uint8Array.of(head + 1), encode('rows'), arrayHead(rows.count))
    for (const piece of rows.pieces) if (typeof piece !== 'string') parts.push(piece)
    parts.push(bytes.subarray(1))
  }
  return Buffer.concat(parts)
}

/** "array 32" (MessagePack specification, "array format family"). */
function arrayHead(length: number): Uint8Array {
  const head = Buffer.alloc(5)
  head[0] = 0xdd
  head.writeUInt32BE(length, 1)
  return head
}

/** What the codec writes in front of the values. */
function arrayHeadBytes(length: number): number {
  if (length < 16) return 1
  return length < 1 << 16 ? 3 : 5
}
