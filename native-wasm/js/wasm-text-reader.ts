/**
 * Gives the WebAssembly reader of texts the shape of the seam. Owns the instance and its memory: a column is copied in
 * and its offsets out. Reads no file, since browsers have none: whoever has the bytes of the module passes them.
 */

import * as layout from './layout.ts'
import { misplacedOffsets } from './text-reader.ts'
import type { ByteTexts, TextReader } from './text-reader.ts'
import { createTwinTextReader } from './twin-text-reader.ts'

/** What the module exports: native-wasm/exports.text-reader.json. */
interface NativeExports {
  readonly memory: WebAssembly.Memory
  reserve(bytes: number): number
  toUtf16Offsets(heap: number, heapBytes: number, offsets: number, rows: number): number
  decodeHex(heap: number, heapBytes: number, offsets: number, rows: number): number
}

/** WebAssembly memory never shrinks: a larger column, far above a usual batch's, goes to the twin. */
const columnBytesMax = 8 << 20
/** Below, copying in and out costs what the vectors save. */
const columnBytesMin = 256

const offsetAlignment = 4

/**
 * Compiles `bytes` and makes a reader with a memory of its own; the twin where that is not possible, such as without
 * WebAssembly or vectors, or under a policy that forbids it. Never rejects.
 */
export async function createTextReader(bytes: Uint8Array<ArrayBuffer>): Promise<TextReader> {
  try {
    return new WasmTextReader(await WebAssembly.compile(bytes))
  } catch (error) {
    return createTwinTextReader(error instanceof Error ? error.message : String(error))
  }
}

class WasmTextReader implements TextReader {
  readonly name = 'wasm'
  readonly fallbackReason = null
  readonly #native: NativeExports
  readonly #twin = createTwinTextReader()

  constructor(module: WebAssembly.Module) {
    // The module's exports are compared with native-wasm/exports.text-reader.json by a test.
    this.#native = new WebAssembly.Instance(module).exports as unknown as NativeExports
  }

  utf16Offsets(heap: Uint8Array, offsets: Uint32Array): Uint32Array | null {
    const place = this.#write(heap, offsets)
    if (place === null) return this.#twin.utf16Offsets(heap, offsets)
    const { heapAt, offsetsAt } = place
    const answer = this.#native.toUtf16Offsets(heapAt, heap.length, offsetsAt, offsets.length - 1)
    if (answer === layout.textsMisplaced) throw misplacedOffsets()
    if (answer === layout.textsPlain) return offsets
    return answer === layout.textsConverted ? this.#offsets(offsetsAt, offsets.length) : null
  }

  hexBytes(heap: Uint8Array, offsets: Uint32Array): ByteTexts | null {
    const place = this.#write(heap, offsets)
    if (place === null) return this.#twin.hexBytes(heap, offsets)
    const { heapAt, offsetsAt } = place
    const answer = this.#native.decodeHex(heapAt, heap.length, offsetsAt, offsets.length - 1)
    if (answer === layout.textsMisplaced) throw misplacedOffsets()
    if (answer !== layout.textsConverted) return null
    const decoded = this.#offsets(offsetsAt, offsets.length)
    const end = decoded[decoded.length - 1] ?? 0
    return { bytes: new Uint8Array(this.#native.memory.buffer, heapAt, end).slice(), offsets: decoded }
  }

  /** Copies a column in; null where it is the twin's. */
  #write(heap: Uint8Array, offsets: Uint32Array): { heapAt: number; offsetsAt: number } | null {
    const heapBytes = (heap.length + offsetAlignment - 1) & -offsetAlignment
    const bytes = heapBytes + offsets.byteLength
    if (bytes < columnBytesMin || bytes > columnBytesMax || offsets.length === 0) return null
    const heapAt = this.#native.reserve(bytes)
    if (heapAt === 0) return null
    const { buffer } = this.#native.memory
    new Uint8Array(buffer, heapAt, heap.length).set(heap)
    const offsetsAt = heapAt + heapBytes
    new Uint32Array(buffer, offsetsAt, offsets.length).set(offsets)
    return { heapAt, offsetsAt }
  }

  #offsets(at: number, length: number): Uint32Array {
    return new Uint32Array(this.#native.memory.buffer, at, length).slice()
  }
}
