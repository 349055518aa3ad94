/**
 * Loads the WebAssembly decoder and gives it the shape of the seam. Owns the instance and its memory: bytes are
 * copied in once, and a batch out once, by whoever takes it.
 */

import { readFileSync } from 'node:fs'
import { BufferedRowDecoder } from './buffered-row-decoder.ts'
import * as layout from './layout.ts'
import type { RowCore } from './row-core.ts'
import type { BackendMessage, RowDecoder } from './row-decoder.ts'

/** What the module exports: native-wasm/exports.json. */
interface NativeExports {
  readonly memory: WebAssembly.Memory
  setColumnCount(count: number): void
  setColumnKind(column: number, kind: number): void
  reserve(bytes: number): number
  scan(): number
  drop(bytes: number): void
  encode(): number
  clear(): void
  rowCount(): number
  rowBytes(): number
  unreadAt(): number
  unreadBytes(): number
  failedRow(): number
  failedColumn(): number
  failedValue(): number
  batchBytes(): number
  encodeFault(): number
}

/** WebAssembly memory never shrinks, so an instance that one huge row has made larger than this is replaced. */
const memoryKeptBytesMax = 16 << 20

/** The same place from source and from the built output, which mirrors the source. */
export const rowDecoderUrl = new URL('../out/row-decoder.wasm', import.meta.url)

/** Reads and compiles the module. It may be shared with other threads. Throws where that is not possible. */
export function compileRowDecoder(moduleUrl: URL = rowDecoderUrl): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(moduleUrl))
}

/** Makes a decoder with a memory of its own. Throws where the module cannot be instantiated. */
export function createWasmRowDecoder(module: WebAssembly.Module): RowDecoder {
  return new BufferedRowDecoder(new WasmRowCore(module))
}

class WasmRowCore implements RowCore {
  readonly name = 'wasm'
  readonly #module: WebAssembly.Module
  #native: NativeExports
  #memory: Uint8Array<ArrayBuffer>
  #kinds: Uint8Array = new Uint8Array(0)

  constructor(module: WebAssembly.Module) {
    this.#module = module
    this.#native = instantiate(module)
    this.#memory = new Uint8Array(this.#native.memory.buffer)
  }

  get rows(): number {
    return this.#native.rowCount()
  }

  get rowBytes(): number {
    return this.#native.rowBytes()
  }

  get unreadBytes(): number {
    return this.#native.unreadBytes()
  }

  get memoryBytes(): number {
    return this.#native.memory.buffer.byteLength
  }

  get failedRow(): number {
    return this.#native.failedRow()
  }

  get failedColumn(): number {
    return this.#native.failedColumn()
  }

  get failedValue(): number {
    return this.#native.failedValue()
  }

  setKinds(kinds: Uint8Array): void {
    this.#kinds = kinds
    this.#native.setColumnCount(kinds.length)
    kinds.forEach((kind, column) => this.#native.setColumnKind(column, kind))
  }

  append(bytes: Uint8Array): boolean {
    const at = this.#native.reserve(bytes.length)
    if (at === 0) return false
    this.#bytes().set(bytes, at)
    return true
  }

  scan(): number {
    return this.#native.scan()
  }

  readMessage(): BackendMessage {
    const bytes = this.#bytes()
    const start = this.#native.unreadAt()
    const messageBytes = 1 + new DataView(bytes.buffer).getInt32(start + 1)
    const body = bytes.slice(start + layout.messageHeaderBytes, start + messageBytes)
    this.#native.drop(messageBytes)
    return { type: bytes[start] ?? 0, body }
  }

  unread(): Uint8Array {
    const at = this.#native.unreadAt()
    return this.#bytes().subarray(at, at + this.unreadBytes)
  }

  drop(count: number): void {
    this.#native.drop(count)
  }

  encode(read: (batch: Uint8Array<ArrayBuffer>) => void): number {
    const at = this.#native.encode()
    if (at === 0) return this.#native.encodeFault()
    read(this.#bytes().subarray(at, at + this.#native.batchBytes()))
    this.#replaceIfHuge()
    return layout.scanNeedsMore
  }

  clear(): void {
    this.#native.clear()
    this.#replaceIfHuge()
  }

  /** A view of all memory; a new one after memory has grown, which detaches the old one. */
  #bytes(): Uint8Array<ArrayBuffer> {
    if (this.#memory.length === 0) this.#memory = new Uint8Array(this.#native.memory.buffer)
    return this.#memory
  }

  /** Moves to a small instance when there are no rows, and few bytes left to take along. */
  #replaceIfHuge(): void {
    const old = this.#bytes()
    const { length } = old
    const unreadBytes = this.unreadBytes
    if (length <= memoryKeptBytesMax || unreadBytes > memoryKeptBytesMax / 2) return
    const start = this.#native.unreadAt()
    this.#native = instantiate(this.#module)
    this.#memory = new Uint8Array(this.#native.memory.buffer)
    this.setKinds(this.#kinds)
    this.append(old.subarray(start, start + unreadBytes))
  }
}

function instantiate(module: WebAssembly.Module): NativeExports {
  // The module's exports are compared with native-wasm/exports.json by a test.
  return new WebAssembly.Instance(module).exports as unknown as NativeExports
}
