/**
 * Words and texts in the memory of a running PGlite, where Postgres keeps its variables. Survives that memory
 * growing, which replaces its buffer. Knows no address and no meaning.
 */

import type { PgliteModule } from '../pglite-module.ts'

/** A C string that lies nowhere near its end is not one. */
const textBytesMax = 4096

const utf8 = new TextDecoder()

export class BackendMemory {
  readonly #module: PgliteModule
  #words: Int32Array

  constructor(module: PgliteModule) {
    this.#module = module
    this.#words = new Int32Array(module.HEAPU8.buffer)
  }

  /** All of it, as 32-bit words; valid until Postgres runs again. */
  get words(): Int32Array {
    // Growing detaches the buffer that was there. Asked hundreds of times for each statement.
    if (this.#words.length === 0) this.#words = new Int32Array(this.#module.HEAPU8.buffer)
    return this.#words
  }

  /** The word at a byte address, which is a multiple of four. */
  word(address: number): number {
    return this.words[address >> 2] ?? 0
  }

  setWord(address: number, value: number): void {
    this.words[address >> 2] = value
  }

  byte(address: number): number {
    return this.#module.HEAPU8[address] ?? 0
  }

  setByte(address: number, value: number): void {
    this.#module.HEAPU8[address] = value
  }

  float64(address: number): number {
    return new DataView(this.#module.HEAPU8.buffer).getFloat64(address, true)
  }

  /** The C string that begins at `pointer`; empty for null. */
  text(pointer: number): string {
    if (pointer <= 0) return ''
    const memory = this.#module.HEAPU8
    const end = memory.subarray(pointer, pointer + textBytesMax).indexOf(0)
    return end < 0 ? '' : utf8.decode(memory.subarray(pointer, pointer + end))
  }

  /** Whether the C string at `pointer` is `text`, which is ASCII. */
  isText(pointer: number, text: string): boolean {
    const memory = this.#module.HEAPU8
    if (pointer <= 0 || pointer + text.length >= memory.length || memory[pointer + text.length] !== 0)
      return false
    for (let at = 0; at < text.length; at++) if (memory[pointer + at] !== text.charCodeAt(at)) return false
    return true
  }
}
