/**
 * A statement as a client has sent it, where it lies in the client's messages, and how it is written down as an
 * example. Its shape is looked for when it is counted, not when it is sent. Knows no answer.
 */

import type { CallExample } from '../../statistics/statement-deltas.ts'
import type { StatementRecorder, StatementShape } from '../../statistics/statement-recorder.ts'

/** Of a prepared statement, for an example of it. */
const keptTextBytes = 4 << 10

export class SentStatement {
  /** The text stands in here, from `start` to `end`. */
  readonly text: Uint8Array
  readonly start: number
  /** -1 where a NUL ends it that nobody has looked for. */
  end: number
  #shape: StatementShape | null = null

  constructor(text: Uint8Array, start: number, end: number) {
    this.text = text
    this.start = start
    this.end = end
  }

  /** Without its literals, as that recorder knows it; always the same one. */
  shapeIn(recorder: StatementRecorder): StatementShape {
    return (this.#shape ??= this.#lookFor(recorder))
  }

  /** With a text of its own, and not all of it: the message would be kept as long as the statement is. */
  toKept(recorder: StatementRecorder): SentStatement {
    const shape = this.shapeIn(recorder)
    const text = this.text.slice(this.start, Math.min(this.end, this.start + keptTextBytes))
    const kept = new SentStatement(text, 0, text.length)
    kept.#shape = shape
    return kept
  }

  #lookFor(recorder: StatementRecorder): StatementShape {
    if (this.end >= 0) return recorder.shapeOf(this.text, this.start, this.end)
    const shape = recorder.shapeOfTerminated(this.text, this.start)
    this.end = recorder.textEnd
    return shape
  }
}

/** A statement with its parameters. */
export interface SentPortal {
  readonly statement: SentStatement
  /** The Bind, and where the statement's name stands in it; null where it is not kept. */
  readonly bind: Uint8Array | null
  readonly nameAt: number
}

/** What is kept of a text, and of a parameter. */
const textBytesMax = 8 << 10
const parameterBytesMax = 512
const parametersMax = 64

/** Parameters are left out where one of them is not sent as text. */
export function exampleOf({ statement, bind, nameAt }: SentPortal, durationMs: number): CallExample {
  const { text, start, end } = statement
  const decoder = new TextDecoder()
  const kept = text.subarray(start, Math.min(end, start + textBytesMax))
  return {
    text: decoder.decode(kept),
    parameters: bind && readParameters(bind, nameEnd(bind, nameAt)),
    durationMs,
  }
}

/** Behind the NUL of the name at `start`; names are short. */
export function nameEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && bytes[at] !== 0) at++
  return at + 1
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
