/**
 * The seam of the reader of texts: what a program that receives batches needs to take a whole column of texts out of
 * one at a time, instead of cell by cell. Implemented twice, with the same answers. Knows no batch and no socket.
 */

/** The texts of a column: offsets, one more than there are rows, into bytes or UTF-16 units, as each call says. */
export interface TextOffsets {
  readonly offsets: Uint32Array
}

/** Columns of bytes. */
export interface ByteTexts extends TextOffsets {
  readonly bytes: Uint8Array
}

/** Turns the texts of a column into what JavaScript slices. Nothing that is passed is changed or kept. */
export interface TextReader {
  readonly name: 'wasm' | 'twin'
  /** Why it is not the preferred implementation; null if it is. */
  readonly fallbackReason: string | null
  /**
   * The offsets of the same texts in `new TextDecoder('utf-8', { ignoreBOM: true }).decode(heap)`; `offsets` itself
   * where they are the same. Null if some text is not UTF-8 by itself. Throws a RangeError for misplaced offsets.
   */
  utf16Offsets(heap: Uint8Array, offsets: Uint32Array): Uint32Array | null
  /**
   * The bytes that texts such as `\x0aff` tell of, as Postgres prints a bytea; an empty text (as of NULL) has none.
   * Null if some text is not of that form. Throws a RangeError for misplaced offsets.
   */
  hexBytes(heap: Uint8Array, offsets: Uint32Array): ByteTexts | null
}

/** Said of offsets that do not begin with 0, or run backwards or beyond the heap. */
export function misplacedOffsets(): RangeError {
  return new RangeError('The offsets of a text column do not lie in its heap')
}
