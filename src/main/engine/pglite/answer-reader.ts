/**
 * Reads what counts of CommandComplete (the number in its tag) and ErrorResponse (the SQLSTATE), also where the
 * backend has put out a message in two parts. Knows no statement.
 */

const errorResponse = 0x45
/** Severity twice and code come first (send_message_to_frontend, utils/error/elog.c); tags are shorter. */
const readBytesMax = 64
const codeField = 0x43
const zero = 48
const nine = 57
const codeLength = 5
/** Where the backend has said none: internal_error. */
const unknownState = 'XX000'

export class AnswerReader {
  readonly #body = new Uint8Array(readBytesMax)
  #length = 0
  #isError = false
  #isUnfinished = false
  /** Of the last CommandComplete; 0 where its tag has no number. */
  rows = 0
  /** Of the last ErrorResponse. */
  sqlState = unknownState

  /** More of the message comes with the next output. */
  get isUnfinished(): boolean {
    return this.#isUnfinished
  }

  /** A message whose body begins in `bytes` at `bodyAt`, or goes on there where its head came before. */
  begin(type: number, bytes: Uint8Array, bodyAt: number): void {
    this.#isError = type === errorResponse
    this.#length = 0
    this.rows = 0
    if (this.#isError) this.sqlState = unknownState
    this.#take(bytes, bodyAt)
  }

  goOn(bytes: Uint8Array): void {
    this.#take(bytes, 0)
  }

  #take(bytes: Uint8Array, from: number): void {
    for (let at = from; at < bytes.length && this.#length < readBytesMax; at++) {
      const byte = bytes[at] ?? 0
      this.#body[this.#length++] = byte
      if (byte === 0 && !this.#isError) {
        this.#isUnfinished = false
        this.#readTag()
        return
      }
    }
    this.#isUnfinished = this.#isError && !this.#readState() && this.#length < readBytesMax
    if (!this.#isError && this.#length < readBytesMax) this.#isUnfinished = true
  }

  /** `SELECT 5`, `INSERT 0 5`. */
  #readTag(): void {
    let factor = 1
    for (let at = this.#length - 2; at >= 0; at--) {
      const byte = this.#body[at] ?? 0
      if (byte < zero || byte > nine) return
      this.rows += (byte - zero) * factor
      factor *= 10
    }
  }

  /** Fields, each with its letter, up to a NUL. */
  #readState(): boolean {
    let at = 0
    while (at < this.#length) {
      if (this.#body[at] === codeField) {
        if (at + 1 + codeLength > this.#length) return false
        this.sqlState = String.fromCharCode(...this.#body.subarray(at + 1, at + 1 + codeLength))
        return true
      }
      const end = this.#body.indexOf(0, at)
      if (end < 0 || end >= this.#length) return false
      at = end + 1
    }
    return false
  }
}
