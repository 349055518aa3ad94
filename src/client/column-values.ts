/**
 * The values of one column of a batch, as JavaScript has them. Texts are decoded together and sliced: a call of
 * TextDecoder for each cell costs some fifteen times as much. Knows no row and no result.
 */

import { formatCell } from '../contract/cell-text.ts'
import { columnKinds, isNull, textBytes } from '../contract/column-batch.ts'
import type { ColumnView } from '../contract/column-batch.ts'
import type { TextReader } from '../../native-wasm/js/text-reader.ts'
import type { ReadingContext, ResultField } from './result-field.ts'
import { typeOids, type TypeParser } from './type-parsers.ts'
import { WardianError } from './wardian-error.ts'

/** A column and how many rows of it there are. */
export interface ColumnRows {
  readonly column: ColumnView
  readonly rowCount: number
}

/** Up to here characters are put together one by one: TextDecoder takes as long to start. */
const shortHeapBytesMax = 64

/** ignoreBOM: a text may begin with U+FEFF, which is part of it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** All values of a column, NULL as null. */
export function readValues(rows: ColumnRows, field: ResultField, context: ReadingContext): unknown[] {
  const { column, rowCount } = rows
  const given = context.parsers.given(field.type)
  if (column.kind !== columnKinds.text) return given ? formatted(rows, given) : fixedValues(column, rowCount)
  const parser = context.parsers.ofText(field.type)
  if (field.type === typeOids.bytea && !given) {
    const bytes = byteValues(rows, context.texts)
    if (bytes) return bytes
  }
  return readTextValues(textValues(rows, context.texts), parser)
}

/** Texts through a parser; null: as they are. */
export function readTextValues(texts: (string | null)[], parser: TypeParser | null): unknown[] {
  if (parser === null) return texts
  return texts.map((text) => (text === null ? null : parser(text)))
}

function fixedValues(column: ColumnView, rowCount: number): unknown[] {
  const { values, kind, validity } = column
  const result: unknown[] = new Array(rowCount)
  for (let row = 0; row < rowCount; row += 1)
    result[row] = kind === columnKinds.bool ? values[row] === 1 : values[row]
  if (validity) for (let row = 0; row < rowCount; row += 1) if (isNull(column, row)) result[row] = null
  return result
}

/** A parser that was given sees what Postgres would have printed. */
function formatted({ column, rowCount }: ColumnRows, parser: TypeParser): unknown[] {
  return Array.from({ length: rowCount }, (_, row) => {
    const text = formatCell(column, row)
    return text === null ? null : parser(text)
  })
}

function textValues({ column, rowCount }: ColumnRows, reader: TextReader): (string | null)[] {
  const { heap } = column
  const offsets = offsetsOf(column)
  const places = heap.length <= shortHeapBytesMax && isAscii(heap) ? offsets : placesIn(reader, heap, offsets)
  const texts: (string | null)[] = new Array(rowCount)
  if (places === null) {
    // Not UTF-8, as of a server whose encoding is SQL_ASCII: each text gets its own replacement characters.
    for (let row = 0; row < rowCount; row += 1) texts[row] = decoder.decode(textBytes(column, row))
  } else {
    const all =
      places === offsets && heap.length <= shortHeapBytesMax ? asciiText(heap) : decoder.decode(heap)
    for (let row = 0; row < rowCount; row += 1) texts[row] = all.slice(places[row], places[row + 1])
  }
  if (column.validity) for (let row = 0; row < rowCount; row += 1) if (isNull(column, row)) texts[row] = null
  return texts
}

/** Bytes of a column that is all hex; null where it is not. */
function byteValues({ column, rowCount }: ColumnRows, reader: TextReader): unknown[] | null {
  const decoded = reader.hexBytes(column.heap, offsetsOf(column))
  if (decoded === null) return null
  const { bytes, offsets } = decoded
  return Array.from({ length: rowCount }, (_, row) =>
    isNull(column, row) ? null : bytes.slice(offsets[row], offsets[row + 1]),
  )
}

function placesIn(reader: TextReader, heap: Uint8Array, offsets: Uint32Array): Uint32Array | null {
  try {
    return reader.utf16Offsets(heap, offsets)
  } catch (cause) {
    throw new WardianError('broken_answer', 'A column of texts does not lie in its batch', { cause })
  }
}

function offsetsOf(column: ColumnView): Uint32Array {
  if (column.values instanceof Uint32Array) return column.values
  throw new WardianError('broken_answer', 'A column of texts has no offsets')
}

function isAscii(heap: Uint8Array): boolean {
  for (const byte of heap) if (byte >= 0x80) return false
  return true
}

function asciiText(heap: Uint8Array): string {
  return String.fromCharCode(...heap)
}
