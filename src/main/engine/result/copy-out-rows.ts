/**
 * Shows what COPY TO STDOUT sends as rows of one text column: each CopyData becomes a DataRow of a decoder of
 * its own. Knows text and CSV format, where Postgres sends one line in each CopyData.
 */

import { columnKinds } from '../../../contract/column-batch.ts'
import type { RowDecoder } from '../../../../native-wasm/js/row-decoder.ts'

/** Type, length, column count and the length of the one value (PostgreSQL 18 documentation, section 54.7). */
const headBytes = 11
const newline = 0x0a

export class CopyOutRows {
  readonly decoder: RowDecoder

  constructor(decoder: RowDecoder) {
    this.decoder = decoder
    decoder.reset(Uint8Array.of(columnKinds.text))
  }

  push(line: Uint8Array): void {
    const text = line.at(-1) === newline ? line.subarray(0, -1) : line
    const row = new Uint8Array(headBytes + text.length)
    const view = new DataView(row.buffer)
    row[0] = 0x44
    view.setUint32(1, row.length - 1)
    view.setUint16(5, 1)
    view.setUint32(7, text.length)
    row.set(text, headBytes)
    this.decoder.push(row)
    this.decoder.next()
  }
}
