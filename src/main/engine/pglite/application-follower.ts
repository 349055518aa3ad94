/**
 * Follows what a client calls itself: reads `application_name` out of ParameterStatus messages, also where the backend
 * has put out one in several parts. Knows no statement.
 * Protocol: PostgreSQL 18 documentation, sections 54.2.7 and 54.7.
 */

const wanted = new TextEncoder().encode('application_name\0')
/** The name is cut to 63 bytes (NAMEDATALEN, pg_config_manual.h), and has a NUL behind it. */
const bodyBytesMax = wanted.length + 64

export class ApplicationFollower {
  readonly #body = new Uint8Array(bodyBytesMax)
  readonly #decoder = new TextDecoder()
  readonly #onName: (name: string) => void
  #length = 0
  #isUnfinished = false

  constructor(onName: (name: string) => void) {
    this.#onName = onName
  }

  /** More of the message comes with the next output. */
  get isUnfinished(): boolean {
    return this.#isUnfinished
  }

  /** A ParameterStatus whose body begins in `bytes` at `bodyAt`, or goes on there where its head came before. */
  begin(bytes: Uint8Array, bodyAt: number): void {
    this.#length = 0
    this.#take(bytes, bodyAt)
  }

  goOn(bytes: Uint8Array): void {
    this.#take(bytes, 0)
  }

  #take(bytes: Uint8Array, from: number): void {
    this.#isUnfinished = true
    for (let at = from; this.#isUnfinished && at < bytes.length; at++) this.#takeByte(bytes[at] ?? 0)
  }

  #takeByte(byte: number): void {
    // Of a message in several parts the first letter came with its head (see FrameScanner).
    if (this.#length === 0 && byte === wanted[1]) this.#length = 1
    const at = this.#length++
    const isOther = at < wanted.length && byte !== wanted[at]
    if (isOther || at >= bodyBytesMax) this.#isUnfinished = false
    else if (at >= wanted.length && byte === 0) {
      this.#isUnfinished = false
      this.#onName(this.#decoder.decode(this.#body.subarray(wanted.length, at)))
    } else this.#body[at] = byte
  }
}
