/**
 * Follows a conversation after log-in without taking it apart: where each message begins and ends, and the small
 * bodies of the types somebody asked for (framing: PostgreSQL 18 documentation, section 54.1). Passes nothing on
 * and judges nothing.
 */

/** Type and length; the length counts itself, not the type. */
const headBytes = 5
/** Longer bodies are not gathered; ReadyForQuery has 1 byte, ParameterStatus a name and a value. */
export const gatheredBytesMax = 1024

export interface FollowerOptions {
  /** The types whose messages `onMessage` is told of, as byte values. */
  readonly wanted: ReadonlySet<number>
  /** The body of a whole message of at most 1 KiB; valid only during the call. */
  readonly onMessage: (type: number, body: Uint8Array) => void
  /** The follower stops in front of a message of this type; null for none. */
  readonly stopType: number | null
}

const none: ReadonlySet<number> = new Set()
const nothing = new Uint8Array(0)

export class MessageFollower {
  readonly #options: FollowerOptions
  readonly #head = new Uint8Array(headBytes)
  /** By type: 1 for those that must be looked at. */
  readonly #isSpecial = new Uint8Array(256)
  #headBytes = 0
  /** Of the body that is under way. */
  #missingBytes = 0
  #isWanted = false
  /** What of it came first, where it did not come whole. */
  #body: Uint8Array | null = null
  #bodyBytes = 0
  #isLost = false

  constructor(options: Partial<FollowerOptions>) {
    this.#options = { wanted: none, onMessage: () => undefined, stopType: null, ...options }
    for (const type of this.#options.wanted) this.#isSpecial[type] = 1
    if (this.#options.stopType !== null) this.#isSpecial[this.#options.stopType] = 1
  }

  /** Between two messages. False for ever after a length that no message can have. */
  get isAtBoundary(): boolean {
    return this.#headBytes === 0 && this.#missingBytes === 0 && !this.#isLost
  }

  /** Answers how many of `bytes` lie before a message of the stop type; all of them if there is none. */
  follow(bytes: Uint8Array): number {
    let at = 0
    while (at < bytes.length && !this.#isLost) {
      if (this.#missingBytes > 0) {
        at = this.#skip(bytes, at)
        continue
      }
      at = this.#skipWhole(bytes, at)
      if (at === bytes.length) break
      if (this.#headBytes === 0 && bytes[at] === this.#options.stopType) return at
      at =
        this.#headBytes === 0 && bytes.length - at >= headBytes
          ? this.#enter(bytes, at)
          : this.#add(bytes, at)
    }
    return bytes.length
  }

  /** The quick way over whole messages that nobody asked for; rows come by the million. */
  #skipWhole(bytes: Uint8Array, start: number): number {
    if (this.#headBytes > 0) return start
    const isSpecial = this.#isSpecial
    let at = start
    while (bytes.length - at >= headBytes && isSpecial[bytes[at] ?? 0] === 0) {
      const high = ((bytes[at + 1] ?? 0) << 24) | ((bytes[at + 2] ?? 0) << 16)
      const length = high | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0)
      if (length < 4 || length >= bytes.length - at) break
      at += 1 + length
    }
    return at
  }

  /** A head that lies whole in `bytes`. */
  #enter(bytes: Uint8Array, at: number): number {
    this.#open(bytes, at)
    return at + headBytes
  }

  #add(bytes: Uint8Array, at: number): number {
    this.#head[this.#headBytes++] = bytes[at] ?? 0
    if (this.#headBytes === headBytes) this.#open(this.#head, 0)
    return at + 1
  }

  #open(head: Uint8Array, at: number): void {
    this.#headBytes = 0
    const high = ((head[at + 1] ?? 0) << 24) | ((head[at + 2] ?? 0) << 16)
    const missing = (high | ((head[at + 3] ?? 0) << 8) | (head[at + 4] ?? 0)) - 4
    this.#isLost = missing < 0
    this.#missingBytes = Math.max(missing, 0)
    const type = head[at] ?? 0
    if (missing > gatheredBytesMax || missing < 0 || !this.#options.wanted.has(type)) return
    this.#head[0] = type
    this.#isWanted = true
    if (missing === 0) this.#take(nothing)
  }

  #skip(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#missingBytes)
    this.#missingBytes -= end - at
    if (this.#isWanted) this.#take(bytes.subarray(at, end))
    return end
  }

  /** The next part of a body that is wanted. */
  #take(part: Uint8Array): void {
    let body = part
    if (this.#body !== null || this.#missingBytes > 0) {
      this.#body ??= new Uint8Array(part.length + this.#missingBytes)
      this.#body.set(part, this.#bodyBytes)
      this.#bodyBytes += part.length
      if (this.#missingBytes > 0) return
      body = this.#body
    }
    this.#isWanted = false
    this.#body = null
    this.#bodyBytes = 0
    this.#options.onMessage(this.#head[0] ?? 0, body)
  }
}
