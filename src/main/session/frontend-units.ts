/**
 * What a client of the wire protocol has sent and nobody has run yet. Gathers it until the backend would answer,
 * so that a client which has sent half of something does not hold the backend while it thinks (PostgreSQL 18
 * documentation, section 54.2). Refuses nothing: whoever runs the bytes judges them.
 */

import { hostMessageBytesMax } from '../../contract/limits.ts'

const headBytes = 5
const query = 0x51
const parse = 0x50

/** What a message means here: bits. */
const meanings = {
  /** After it the backend answers, or takes in what it has asked for. */
  isRunnable: 1,
  /** It is answered with a ReadyForQuery. */
  isReady: 2,
  /** It has SQL in it. */
  hasStatement: 4,
} as const
/** By the byte that stands for the type: of those that mean something. */
const meaningsOf = new Uint8Array(256)
meaningsOf[query] = meanings.isRunnable | meanings.isReady | meanings.hasStatement
meaningsOf[parse] = meanings.hasStatement
for (const type of 'FS') meaningsOf[type.charCodeAt(0)] = meanings.isRunnable | meanings.isReady
for (const type of 'Hdcf') meaningsOf[type.charCodeAt(0)] = meanings.isRunnable

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
    let at = this.#pushWhole(bytes)
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

  /** The quick way over messages that lie in `bytes` from head to end; answers where the first other begins. */
  #pushWhole(bytes: Uint8Array): number {
    let at = 0
    if (this.#headBytes > 0) return at
    while (bytes.length - at >= headBytes) {
      const length = messageBytes(bytes, at)
      if (length < headBytes || length > bytes.length - at) break
      this.#note(bytes[at] ?? 0)
      at += length
    }
    return at
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

  /** Takes everything; what is answered puts it back, in front of what has come since and not been taken. */
  setAside(): () => void {
    const [isRunnable, holdsWhole, hasStatement] = [this.#isRunnable, this.#holdsWhole, this.#hasStatement]
    const [heldBytes, readyCount] = [this.#heldBytes, this.#readyCount]
    const pieces = this.take()
    return () => {
      this.#chunks.unshift(...pieces)
      this.#heldBytes += heldBytes
      this.#isRunnable ||= isRunnable
      this.#holdsWhole ||= holdsWhole
      this.#readyCount += readyCount
      this.#hasStatement ||= hasStatement
    }
  }

  #beginMessage(): void {
    const length = messageBytes(this.#head, 0) - 1
    this.#missingBytes = Math.max(0, length - 4)
    // What cannot be a length is for others to refuse, now.
    if (length < 4 || length > hostMessageBytesMax) this.#isRunnable = true
  }

  #endMessage(): void {
    this.#headBytes = 0
    this.#note(this.#head[0] ?? 0)
  }

  /** A message of that type is whole. */
  #note(type: number): void {
    this.#holdsWhole = true
    const meaning = meaningsOf[type] ?? 0
    if ((meaning & meanings.isRunnable) !== 0) this.#isRunnable = true
    if ((meaning & meanings.isReady) !== 0) this.#readyCount += 1
    if ((meaning & meanings.hasStatement) !== 0) this.#hasStatement = true
  }
}

/** The SQL of the first statement that lies whole in these pieces; null if there is none, or it is long. */
export function statementIn(chunks: readonly Uint8Array[]): string | null {
  const bytes = joinedIfShort(chunks)
  for (let at = 0; at + headBytes < bytes.length;) {
    const type = bytes[at] ?? 0
    const end = at + messageBytes(bytes, at)
    if (end > bytes.length || end <= at + headBytes) return null
    const start = type === parse ? bytes.indexOf(0, at + headBytes) + 1 : at + headBytes
    if (type === query || type === parse) return utf8.decode(bytes.subarray(start, bytes.indexOf(0, start)))
    at = end
  }
  return null
}

/** Of the whole message whose head begins at `at`: its type, and as much as its length says, whatever that is. */
function messageBytes(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at + 1] ?? 0) << 24) | ((bytes[at + 2] ?? 0) << 16)
  return 1 + ((high | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0)) >>> 0)
}

function joinedIfShort(chunks: readonly Uint8Array[]): Uint8Array {
  const heldBytes = chunks.reduce((sum, { length }) => sum + length, 0)
  return heldBytes > joinedBytesMax ? new Uint8Array(0) : Buffer.concat(chunks)
}
