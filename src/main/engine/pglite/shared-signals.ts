/**
 * The words that the host's thread and a busy worker share: how either wakes the other while WebAssembly runs
 * and no message can be delivered. Owns their layout; knows nothing of what the numbers stand for.
 */

/** Index of each 32-bit word. */
const words = {
  /** Goes up whenever the worker should look at everything again. */
  wake: 0,
  /** Bytes of output that consumers have taken, modulo 2^32. */
  consumedBytes: 1,
  /** The activity that is asked to end, or the session of the line (shared-line.ts); 0 for none. */
  cancelledActivity: 2,
  /** Which turn of that: 0 for a statement, ReadyForQuery so far of a channel, or of the whole line. */
  cancelledTurn: 3,
  /** The channel that nobody reads any more. */
  endedActivity: 4,
  /** The engine's memory, in pages of 64 KiB. */
  memoryPages: 5,
  /** Batches that were taken out of shared slots, modulo 2^32. */
  returnedBatches: 6,
  /** Not 0: the worker sleeps, or is about to look a last time before it does. */
  isAsleep: 7,
  /** Goes up when roles may have changed, before whoever has changed them is answered. */
  rolesVersion: 8,
  /** The alarm that is due. */
  dueAlarm: 9,
  /** The number of the next transaction that writes, before whoever has written is answered; 64 bits. */
  nextTransactionLow: 10,
  nextTransactionHigh: 11,
  /** Not 0: rows may have been changed that were not counted. */
  isUncounted: 12,
  /** Goes up whenever the worker looks for something to do, or the file system is asked. */
  beats: 13,
  /** Not 0: something runs for a client. */
  isAtWork: 14,
  /** Not 0: the worker waits for the file system. */
  isInFiles: 15,
} as const

const wordCount = Object.keys(words).length
const pageBytes = 65_536

/** Asks for any turn of an activity. */
export const anyTurn = -1

/** No activity's number. */
const nobody = 0

/** The view of either side. */
export class SharedSignals {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array
  #eachLook: () => void = () => undefined

  constructor(buffer = new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  /** Host: makes a waiting worker look again. */
  wake(): void {
    Atomics.add(this.#words, words.wake, 1)
    Atomics.notify(this.#words, words.wake)
  }

  /** Host: the worker looks at everything again when it next looks at anything, and is not woken for that. */
  announce(): void {
    Atomics.add(this.#words, words.wake, 1)
  }

  /** Host: wakes the worker if it sleeps; one that does not sees a frame without being told. */
  wakeIfAsleep(): void {
    if (Atomics.load(this.#words, words.isAsleep) !== 0) this.wake()
  }

  /** Host: a consumer has taken `bytes`. */
  grant(bytes: number): void {
    Atomics.add(this.#words, words.consumedBytes, bytes | 0)
    this.wake()
  }

  /** Host: asks for the end of an activity's turn. */
  cancel(activity: number, turn: number): void {
    Atomics.store(this.#words, words.cancelledTurn, turn)
    Atomics.store(this.#words, words.cancelledActivity, activity)
    this.wake()
  }

  /** Host: that turn has ended. What has been asked of another since stays. */
  takeBackCancel(activity: number, turn: number): void {
    if (this.isCancelled(activity, turn)) Atomics.store(this.#words, words.cancelledActivity, nobody)
  }

  /** Host: nobody reads what this channel puts out. */
  end(activity: number): void {
    Atomics.store(this.#words, words.endedActivity, activity)
    this.wake()
  }

  /** Host: an alarm of the worker's is due. */
  raiseAlarm(number: number): void {
    Atomics.store(this.#words, words.dueAlarm, number)
    this.wake()
  }

  /** Worker: 0 for none. */
  get dueAlarm(): number {
    return Atomics.load(this.#words, words.dueAlarm)
  }

  /** Worker: what whoever waits does before each look. */
  setEachLook(eachLook: () => void): void {
    this.#eachLook = eachLook
  }

  /** Worker: changes whenever something may have been posted. */
  get wakeCount(): number {
    return Atomics.load(this.#words, words.wake)
  }

  get memoryBytes(): number {
    return Atomics.load(this.#words, words.memoryPages) * pageBytes
  }

  /** Worker: tells the size of the engine's memory. */
  set memoryBytes(bytes: number) {
    Atomics.store(this.#words, words.memoryPages, bytes / pageBytes)
  }

  /** As far as it goes, exact: 2^53 transactions are not reached. */
  get nextTransaction(): number {
    const high = Atomics.load(this.#words, words.nextTransactionHigh) >>> 0
    return high * 2 ** 32 + (Atomics.load(this.#words, words.nextTransactionLow) >>> 0)
  }

  /** Worker: the two words as they lie in Postgres's memory. */
  setNextTransaction(low: number, high: number): void {
    Atomics.store(this.#words, words.nextTransactionHigh, high)
    Atomics.store(this.#words, words.nextTransactionLow, low)
  }

  get isUncounted(): boolean {
    return Atomics.load(this.#words, words.isUncounted) !== 0
  }

  /** Worker: from now on changed rows may not be counted. */
  setUncounted(): void {
    Atomics.store(this.#words, words.isUncounted, 1)
  }

  get rolesVersion(): number {
    return Atomics.load(this.#words, words.rolesVersion)
  }

  /** Worker: what the host knows of roles is old. */
  changeRoles(): void {
    Atomics.add(this.#words, words.rolesVersion, 1)
  }

  /** Worker: modulo 2^32, as a signed number. */
  get consumedBytes(): number {
    return Atomics.load(this.#words, words.consumedBytes)
  }

  /** Host: another batch was taken out of its slot; nobody waits for that. */
  returnBatch(): void {
    Atomics.add(this.#words, words.returnedBatches, 1)
  }

  /** Worker: modulo 2^32, as a signed number. */
  get returnedBatches(): number {
    return Atomics.load(this.#words, words.returnedBatches)
  }

  /** Host: changes as long as the worker does what it can be expected to do. */
  get beats(): number {
    return Atomics.load(this.#words, words.beats)
  }

  /** Host: how long this takes is not the worker's to decide. */
  get mayTakeLong(): boolean {
    return Atomics.load(this.#words, words.isAtWork) !== 0 || Atomics.load(this.#words, words.isInFiles) !== 0
  }

  /** Worker: something runs for a client, or does not any more. */
  set isAtWork(isAtWork: boolean) {
    Atomics.store(this.#words, words.isAtWork, isAtWork ? 1 : 0)
  }

  /** Worker: the file system is asked for something. Plain writes: nobody else writes, and once seen late is enough. */
  beginFiles(): void {
    this.#beat()
    this.#words[words.isInFiles] = 1
  }

  /** Worker: it has answered. */
  endFiles(): void {
    this.#words[words.isInFiles] = 0
  }

  /** Whether the end of this turn has been asked for. */
  isCancelled(activity: number, turn: number): boolean {
    if (Atomics.load(this.#words, words.cancelledActivity) !== activity) return false
    const cancelledTurn = Atomics.load(this.#words, words.cancelledTurn)
    return cancelledTurn === turn || cancelledTurn === anyTurn
  }

  isEnded(activity: number): boolean {
    return Atomics.load(this.#words, words.endedActivity) === activity
  }

  /**
   * Worker: blocks its thread until `look` answers something. It looks again after every wake, and before it
   * sleeps as often as it can for `spinMs`.
   */
  waitFor<T>(look: () => T | undefined, spinMs = 0): T {
    const spinEndMs = spinMs > 0 ? performance.now() + spinMs : 0
    for (;;) {
      const seen = Atomics.load(this.#words, words.wake)
      this.#beat()
      this.#eachLook()
      const found = look()
      if (found !== undefined) return found
      if (spinEndMs > 0 && performance.now() < spinEndMs) continue
      const late = this.#lookAsleep(look, seen)
      if (late !== undefined) return late
    }
  }

  #beat(): void {
    this.#words[words.beats] = ((this.#words[words.beats] ?? 0) + 1) | 0
  }

  #lookAsleep<T>(look: () => T | undefined, seen: number): T | undefined {
    let found: T | undefined
    // A look that has waited itself, for room, has told the host that nobody sleeps.
    do {
      Atomics.store(this.#words, words.isAsleep, 1)
      found = look()
    } while (found === undefined && Atomics.load(this.#words, words.isAsleep) === 0)
    if (found === undefined) Atomics.wait(this.#words, words.wake, seen)
    Atomics.store(this.#words, words.isAsleep, 0)
    return found
  }
}
