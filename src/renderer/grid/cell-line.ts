/**
 * What a cell shows on one line: its text, decoded only as far as it can be seen, with control characters made
 * visible, and a tone that tells NULL and '' from text. Never changes a value; copying does not come through here.
 */

import { columnKinds, isNull, textBytes } from '../../contract/column-batch.ts'
import type { ColumnDescription } from '../../contract/statement.ts'
import { displayCell } from '../../contract/cell-text.ts'
import type { CellSlot } from './grid-source.ts'

/** One line of one cell. `marks` has a symbol where a control character stands and spaces elsewhere. */
export interface CellLine {
  readonly text: string
  readonly marks: string | null
  readonly tone: 'value' | 'null' | 'empty'
  /** The value goes on after `text`. */
  readonly isCut: boolean
}

/** UTF-8 needs at most this many bytes for one code point. */
const bytesPerCharacterMax = 4

/** pg_type.dat of PostgreSQL 18: float4, money, numeric; the other numbers are not of kind text. */
const numericTextOids = new Set([700, 790, 1700])

/** Inclusive ranges: C0; DEL and C1; then what is invisible, ends lines or turns the direction of writing. */
const hiddenRanges = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2069],
  [0xfeff, 0xfeff],
] as const

/** Keeps a leading U+FEFF: it is part of the value. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const nullLine: CellLine = { text: 'NULL', marks: null, tone: 'null', isCut: false }
const emptyLine: CellLine = { text: "''", marks: null, tone: 'empty', isCut: false }

/** Whether values of this column line up at the right edge. */
export function isRightAligned(column: ColumnDescription): boolean {
  if (column.kind === columnKinds.text) return numericTextOids.has(column.typeOid)
  return column.kind !== columnKinds.bool
}

/** Shows at most `charactersMax` characters of a cell. */
export function cellLine(slot: CellSlot, charactersMax: number): CellLine {
  const { column, row } = slot
  if (isNull(column, row)) return nullLine
  if (column.kind !== columnKinds.text) {
    return { text: displayCell(column, row) ?? '', marks: null, tone: 'value', isCut: false }
  }
  return textLine(textBytes(column, row), charactersMax)
}

function textLine(bytes: Uint8Array, charactersMax: number): CellLine {
  if (bytes.byteLength === 0) return emptyLine
  const bytesMax = charactersMax * bytesPerCharacterMax
  const isLong = bytes.byteLength > bytesMax
  const decoded = decoder.decode(isLong ? bytes.subarray(0, bytesMax) : bytes)
  const isCut = isLong || decoded.length > charactersMax
  const text = isCut ? wholeCharacters(decoded, charactersMax) : decoded
  const marks = marksOf(text)
  return { text: marks === null ? text : withoutHidden(text), marks, tone: 'value', isCut }
}

function isHidden(code: number): boolean {
  // Nearly all characters of nearly all cells are decided here.
  if (code >= 0x20 && code < 0x7f) return false
  return hiddenRanges.some(([first, last]) => code >= first && code <= last)
}

/** A symbol for each hidden character and a space for every other; null when there are none. */
function marksOf(text: string): string | null {
  let at = 0
  while (at < text.length && !isHidden(text.charCodeAt(at))) at += 1
  if (at === text.length) return null
  return Array.from({ length: text.length }, (_, index) => symbolFor(text.charCodeAt(index))).join('')
}

function withoutHidden(text: string): string {
  return Array.from({ length: text.length }, (_, index) =>
    isHidden(text.charCodeAt(index)) ? ' ' : text.charAt(index),
  ).join('')
}

function symbolFor(code: number): string {
  if (!isHidden(code)) return ' '
  if (code === 0x0a) return '↵'
  if (code === 0x09) return '→'
  // Control pictures would say which one it is, but few fonts have them.
  return '•'
}

/** The first `lengthMax` code units, without half of a surrogate pair at the end. */
function wholeCharacters(text: string, lengthMax: number): string {
  const last = text.charCodeAt(lengthMax - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? lengthMax - 1 : lengthMax)
}
