/**
 * The text of an editor tab under its edits, as UTF-16LE code units that are never looked into, so that every
 * text survives, well-formed or not. Pieces are cut and joined, not copied, until the whole is wanted. Knows no
 * storage.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { TextEdit } from '../../contract/workspace.ts'

const bytesPerUnit = 2

/** A text that edits are applied to, in order. */
export class TabText {
  /** Never empty pieces, in order. */
  #pieces: Buffer[]
  #length: number

  /** `utf16` is not changed, and must not be while this is used. */
  constructor(utf16: Buffer) {
    this.#pieces = utf16.length > 0 ? [utf16] : []
    this.#length = utf16.length / bytesPerUnit
  }

  /** In code units. */
  get length(): number {
    return this.#length
  }

  /** Throws `conflict` if the edit lies outside the text. */
  apply(edit: TextEdit): void {
    this.#length = lengthAfter(this.#length, edit)
    const from = edit.offset * bytesPerUnit
    const to = from + edit.deleted * bytesPerUnit
    const pieces: Buffer[] = []
    const inserted = Buffer.from(edit.inserted, 'utf16le')
    let at = 0
    let isInserted = inserted.length === 0
    for (const piece of this.#pieces) {
      const end = at + piece.length
      if (at < from) pieces.push(piece.subarray(0, Math.min(from, end) - at))
      if (!isInserted && end >= from) {
        pieces.push(inserted)
        isInserted = true
      }
      if (end > to) pieces.push(piece.subarray(Math.max(to, at) - at))
      at = end
    }
    if (!isInserted) pieces.push(inserted)
    this.#pieces = pieces.filter((piece) => piece.length > 0)
  }

  /** The whole text, in memory of its own. */
  toBuffer(): Buffer<ArrayBuffer> {
    const whole = Buffer.from(new ArrayBuffer(this.#length * bytesPerUnit))
    let at = 0
    for (const piece of this.#pieces) at += piece.copy(whole, at)
    return whole
  }
}

/** Length in code units after `edit` on a text of `length`; throws `conflict` if it lies outside. */
export function lengthAfter(length: number, { offset, deleted, inserted }: TextEdit): number {
  if (offset + deleted <= length) return length - deleted + inserted.length
  throw new WorkbenchError(
    'conflict',
    `An edit at ${offset} does not fit the stored text, which has ${length} characters; read the tab again`,
  )
}
