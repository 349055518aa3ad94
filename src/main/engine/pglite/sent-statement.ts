/**
 * A statement as a client has sent it, where it lies in the client's messages, and how it is written down as an
 * example. Knows no answer.
 */

import type { CallExample } from '../../statistics/statement-deltas.ts'
import type { StatementShape } from '../../statistics/statement-recorder.ts'

export interface SentStatement {
  readonly shape: StatementShape
  /** The text stands in here, from `start` to `end`. */
  readonly text: Uint8Array
  readonly start: number
  readonly end: number
  /** The Bind, and where its formats begin behind the names; null for a simple query. */
  readonly bind: Uint8Array | null
  readonly bindAt: number
}

/** What is kept of a text, and of a parameter. */
const textBytesMax = 8 << 10
const parameterBytesMax = 512
const parametersMax = 64

/** Parameters are left out where one of them is not sent as text. */
export function exampleOf(
  { text, start, end, bind, bindAt }: SentStatement,
  durationMs: number,
): CallExample {
  const decoder = new TextDecoder()
  const kept = text.subarray(start, Math.min(end, start + textBytesMax))
  return { text: decoder.decode(kept), parameters: bind && readParameters(bind, bindAt), durationMs }
}

/** A Bind that is not as it should be has failed, and has none. */
function readParameters(bind: Uint8Array, at: number): (string | null)[] | null {
  try {
    return parametersOf(bind, at)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Bind (section 54.7): formats, each an int16, then the values, each with its length. */
function parametersOf(bind: Uint8Array, at: number): (string | null)[] | null {
  const view = new DataView(bind.buffer, bind.byteOffset, bind.byteLength)
  const formatCount = view.getUint16(at)
  for (let index = 0; index < formatCount; index++) if (view.getUint16(at + 2 + 2 * index) !== 0) return null
  let position = at + 2 + 2 * formatCount
  const count = view.getUint16(position)
  position += 2
  if (count === 0 || count > parametersMax) return null
  const decoder = new TextDecoder()
  const values: (string | null)[] = []
  for (let index = 0; index < count; index++) {
    const length = view.getInt32(position)
    position += 4
    const end = position + Math.min(Math.max(length, 0), parameterBytesMax)
    values.push(length < 0 ? null : decoder.decode(bind.subarray(position, end)))
    position += Math.max(length, 0)
  }
  return values
}
