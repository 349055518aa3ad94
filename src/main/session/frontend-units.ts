/**
 * What a client of the wire protocol has sent and nobody has run yet. Gathers it until the backend would answer,
 * so that a client which has sent half of something does not hold the backend while it thinks (PostgreSQL 18
 * documentation, section 54.2). Refuses nothing: whoever runs the bytes judges them.
 */

import { hostMessageBytesMax } from '../../contract/limits.ts'

/** After these the backend answers, or takes in what it has asked for: Q F S H d c f. */
const runnableTypes = new Set([0x51, 0x46, 0x53, 0x48, 0x64, 0x63, 0x66])
/** Each of these is answered with a ReadyForQuery. */
const readyTypes = new Set([0x51, 0x46, 0x53])
const headBytes = 5
const query = 0x51
const parse = 0x50
const utf8 = new TextDecoder()
/** What is longer is handed on as it comes; a turn is cheaper than its memory. */
const heldBytesMax = 1 << 20
/** What the host itself understands is short. */
const joinedBytesMax = 4096

export class FrontendUnits {
  #chunks: Uint8Array[] = []
  #heldBytes = 0
  readonly #head = new Uint8Array(headBytes)
  #headBytes = 0
  /** Of the message that has begun and not ended. */
  #missingBytes = 0
  #isRunnable = false
  #holdsWhole = false
  #readyCount = 0
  #hasStatement = false

  /** What is held, as it came. */
  get pieces(): readonly Uint8Array[] {
    return this.#chunks
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  get isRunnable(): boolean {
    return this.#isRunnable || this.#heldBytes > heldBytesMax
  }

  /** Messages are held that ask for no answer yet. */
  get isUnfinished(): boolean {
    return this.#holdsWhole && !this.isRunnable
  }

  /** What is held is to be run as it is: a server runs each message as it comes, and tells of errors at once. */
  release(): void {
    if (this.#holdsWhole) this.#isRunnable = true
  }

  /** How often the backend would have become ready by what is held. */
  get readyCount(): number {
    return this.#readyCount
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes)
    this.#heldBytes += bytes.length
    let at = 0
    while (at < bytes.length) {
      if (this.#headBytes < headBytes) {
        this.#head[this.#headBytes++] = bytes[at++] ?? 0
        if (this.#headBytes === headBytes) this.#beginMessage()
      } else {
        const taken = Math.min(this.#missingBytes, bytes.length - at)
        this.#missingBytes -= taken
        at += taken
      }
      if (this.#headBytes === headBytes && this.#missingBytes === 0) this.#endMessage()
    }
  }

  /** Whether SQL is among what is held: a prepared statement is executed without it. */
  get hasStatement(): boolean {
    return this.#hasStatement
  }

  /** Whether the first message is a simple query. */
  get isQuery(): boolean {
    return this.#chunks[0]?.[0] === query
  }

  /** Everything that is held, as one; empty if it is long. */
  joined(): Uint8Array {
    return joinedIfShort(this.#chunks)
  }

  /** Everything that is held. */
  take(): Uint8Array[] {
    const chunks = this.#chunks
    this.#chunks = []
    this.#heldBytes = 0
    this.#isRunnable = false
    this.#holdsWhole = false
    this.#readyCount = 0
    this.#hasStatement = false
    return chunks
  }

  #beginMessage(): void {
    const length = new DataView(this.#head.buffer).getUint32(1)
    this.#missingBytes = Math.max(0, length - 4)
    // What cannot be a length is for others to refuse, now.
    if (length < 4 || length > hostMessageBytesMax) this.#isRunnable = true
  }

  #endMessage(): void {
    const type = this.#head[0] ?? 0
    this.#headBytes = 0
    this.#holdsWhole = true
    if (runnableTypes.has(type)) this.#isRunnable = true
    if (readyTypes.has(type)) this.#readyCount += 1
    if (type === query || type === parse) this.#hasStatement = true
  }
}

/** The SQL of the first statement that lies whole in these pieces; null if there is none, or it is long. */
export function statementIn(chunks: readonly Uint8Array[]): string | null {
  const bytes = joinedIfShort(chunks)
  for (let at = 0; at + headBytes < bytes.length;) {
    const type = bytes[at] ?? 0
    const end = at + 1 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 1)
    if (end > bytes.length || end <= at + headBytes) return null
    const start = type === parse ? bytes.indexOf(0, at + headBytes) + 1 : at + headBytes
    if (type === query || type === parse) return utf8.decode(bytes.subarray(start, bytes.indexOf(0, start)))
    at = end
  }
  return null
}

function joinedIfShort(chunks: readonly Uint8Array[]): Uint8Array {
  const heldBytes = chunks.reduce((sum, { length }) => sum + length, 0)
  return heldBytes > joinedBytesMax ? new Uint8Array(0) : Buffer.concat(chunks)
}
