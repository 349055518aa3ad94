/**
 * Selected cells as text, piece by piece, so that copying a million rows never stalls the page and never grows
 * past its limit. Knows formats and cells; the clipboard is the caller's.
 */

import { displayCell } from '../../contract/cell-text.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { rowWriter, type CellTexts, type CopyFormat } from './copy-formats.ts'
import { cellSlot, type GridSource } from './grid-source.ts'
import { cellCount, type CellRange } from './selection.ts'

export interface CopyRequest {
  readonly source: GridSource
  readonly range: CellRange
  readonly format: CopyFormat
}

/** Text of one copy. Clipboards of other programs rarely take more, and it must fit beside the result. */
export const copyLengthMax = 64 << 20
/** Cells that are written at once, in well under a frame; more are written in slices. */
export const copyNowCellsMax = 5_000
/** Rows between two looks at the clock. */
const rowsPerPart = 64
/** Work of one slice: it leaves half of a frame of 60 Hz to everything else. */
const sliceMs = 8

/** The whole text of a small copy; null when the range is too large to be written at once. */
export function copyNow(request: CopyRequest): string | null {
  if (cellCount(request.range) > copyNowCellsMax) return null
  return [...parts(request)].join('')
}

export interface SlicedCopyOptions {
  readonly signal: AbortSignal
  readonly nowMs: () => number
  /** Resolves when the page had a chance to do something else. */
  readonly yieldToPage: () => Promise<void>
  readonly onProgress: (rowsDone: number) => void
}

/** The whole text of any copy. Throws `limit-exceeded` past `copyLengthMax`, and the signal's reason. */
export async function copySliced(request: CopyRequest, options: SlicedCopyOptions): Promise<string> {
  const pieces: string[] = []
  let length = 0
  let sliceStartMs = options.nowMs()
  let partsDone = 0
  for (const part of parts(request)) {
    options.signal.throwIfAborted()
    pieces.push(part)
    length += part.length
    partsDone += 1
    if (length > copyLengthMax) throw tooLong()
    if (options.nowMs() - sliceStartMs < sliceMs) continue
    options.onProgress(partsDone * rowsPerPart)
    await options.yieldToPage()
    sliceStartMs = options.nowMs()
  }
  return pieces.join('')
}

function* parts({ source, range, format }: CopyRequest): Generator<string> {
  const columns = source.columns.slice(range.firstColumn, range.lastColumn + 1)
  const writer = rowWriter(format, columns, cellCount(range) === 1)
  let part = writer.head
  let isFirst = true
  for (let row = range.firstRow; row <= range.lastRow; row += 1) {
    // Memory was needed for a newer result meanwhile: better no copy than one full of NULLs.
    if (!source.locate(row)) throw givenUp()
    const text = writer.row(textsOf(source, row, range))
    // An IN list leaves rows out that hold nothing but NULL.
    if (text === '' && format === 'in-list') continue
    part += isFirst ? text : writer.between + text
    isFirst = false
    if ((row - range.firstRow) % rowsPerPart !== rowsPerPart - 1) continue
    yield part
    part = ''
  }
  yield part + writer.tail
}

function textsOf(source: GridSource, row: number, range: CellRange): CellTexts {
  const texts: (string | null)[] = []
  for (let column = range.firstColumn; column <= range.lastColumn; column += 1) {
    const slot = cellSlot(source, row, column)
    texts.push(slot ? displayCell(slot.column, slot.row) : null)
  }
  return texts
}

function tooLong(): WorkbenchError {
  return new WorkbenchError(
    'limit-exceeded',
    `The selection is longer than ${copyLengthMax >> 20} million characters; select fewer rows or columns`,
  )
}

function givenUp(): WorkbenchError {
  return new WorkbenchError(
    'closed',
    'The rows are no longer in memory; run the statement again and copy then',
  )
}
