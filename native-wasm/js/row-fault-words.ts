/** Words for what is wrong with a row, the same for whoever has found it. Pure. */

import * as layout from './layout.ts'
import { DecodeError } from './row-decoder.ts'

/** One of the scan… numbers of layout.ts, and what it is about. */
interface DescribedFault {
  readonly status: number
  /** Counted from 1, within the result. */
  readonly row: number
  /** Counted from 0. */
  readonly column: number
  /** The length or count that is wrong. */
  readonly value: number
}

/** `kinds`: those of the columns that the row was to have. */
export function rowFaultWords(fault: DescribedFault, kinds: Uint8Array): DecodeError {
  const { status, value } = fault
  if (status === layout.scanOutOfMemory) return outOfMemory()
  if (status === layout.scanBadLength) return new DecodeError(`A message claims a length of ${value}`)
  const row = `Row ${fault.row}`
  const column = `column ${fault.column + 1}`
  switch (status) {
    case layout.scanColumnCount:
      return new DecodeError(`${row} has ${value} columns instead of ${kinds.length}`)
    case layout.scanNegativeLength:
      return new DecodeError(`${row} has a length of ${value} in ${column}`)
    case layout.scanBeyondMessage:
      return new DecodeError(`${row} ends within ${column}`)
    case layout.scanWrongWidth:
      return new DecodeError(
        `${row} has ${value} bytes in ${column}, which is of kind ${kinds[fault.column]}`,
      )
    case layout.scanTrailingBytes:
      return new DecodeError(`${row} has ${value} bytes after its last column`)
    default:
      return new DecodeError(`${row} could not be read (${status})`)
  }
}

export function outOfMemory(): DecodeError {
  return new DecodeError('There is not enough memory for the rows that wait to be decoded', 'out-of-memory')
}

export function inMebibytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(0)} MiB`
}
