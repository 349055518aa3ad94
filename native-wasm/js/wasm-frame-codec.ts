/**
 * Gives the WebAssembly frame codec the shape of the seam. Owns the instance and its memory: a value is told to it as
 * words and one text, a message is copied in. Reads no file: whoever has the bytes of the module passes them.
 */

import { noFrameCodec } from './frame-codec.ts'
import type { FoundParts, FrameCodec, IdPlace, MakeFrameCodec } from './frame-codec.ts'
import * as layout from './layout.ts'

/** What the module exports: native-wasm/exports.frame-codec.json. */
interface NativeExports {
  readonly memory: WebAssembly.Memory
  textsPlace(): number
  tokensPlace(): number
  outputPlace(): number
  messagePlace(): number
  partsPlace(): number
  keep(index: number, from: number, bytes: number): void
  encode(tokenCount: number): number
  split(bytes: number): number
  remember(headerAt: number, headerBytes: number, idAt: number, idEnd: number): number
}

/** A UTF-16 unit is at most three bytes of UTF-8. */
const bytesPerUnitMax = 3
/** Shorter texts are as quickly written as looked for. */
const keptUnitsMin = 16
const keptUnitsMax = layout.keptTextBytesMax / bytesPerUnitMax
/** Longer texts are written by the platform, which takes a while to begin. */
const ownUnitsMax = 32

/**
 * Compiles `bytes`, once for all codecs; there are none where that is not possible, such as without WebAssembly or
 * vectors, or under a policy that forbids it. Never rejects.
 */
export async function compileFrameCodec(bytes: Uint8Array<ArrayBuffer>): Promise<MakeFrameCodec> {
  try {
    const module = await WebAssembly.compile(bytes)
    return () => instantiate(module)
  } catch {
    return noFrameCodec
  }
}

/** A machine may have no memory left for it. */
function instantiate(module: WebAssembly.Module): FrameCodec | null {
  try {
    return new WasmFrameCodec(module)
  } catch {
    return null
  }
}

class WasmFrameCodec implements FrameCodec {
  readonly #native: NativeExports
  readonly #encoder = new TextEncoder()
  readonly #texts: Uint8Array
  readonly #tokens: Uint32Array
  readonly #output: Uint8Array
  readonly #message: Uint8Array
  readonly #found: { count: number; readonly words: Uint32Array }
  #tokenCount = 0
  #textBytes = 0
  readonly #kept = new Map<string, number>()
  readonly #keptTexts: string[] = []
  /** In which call each of them was used last. */
  readonly #keptUses = new Uint32Array(layout.keptTextsMax)
  #nextKept = 0
  #callCount = 0

  constructor(module: WebAssembly.Module) {
    // The module's exports are compared with native-wasm/exports.frame-codec.json by a test.
    this.#native = new WebAssembly.Instance(module).exports as unknown as NativeExports
    const { buffer } = this.#native.memory
    // Its memory never grows, so that these stay.
    this.#texts = new Uint8Array(buffer, this.#native.textsPlace(), layout.frameTextsBytesMax)
    this.#tokens = new Uint32Array(buffer, this.#native.tokensPlace(), layout.tokensMax)
    this.#output = new Uint8Array(buffer, this.#native.outputPlace())
    this.#message = new Uint8Array(buffer, this.#native.messagePlace(), layout.frameMessageBytesMax)
    const words = layout.framePartWords * layout.framePartsMax
    this.#found = { count: 0, words: new Uint32Array(buffer, this.#native.partsPlace(), words) }
  }

  encode(value: unknown): Uint8Array | null {
    this.#tokenCount = 0
    this.#textBytes = 0
    this.#callCount = (this.#callCount + 1) >>> 0
    if (!this.#tell(value)) return null
    const bytes = this.#native.encode(this.#tokenCount)
    return bytes === 0 ? null : this.#output.subarray(0, bytes)
  }

  split(message: Uint8Array): FoundParts | null {
    if (message.length > layout.frameMessageBytesMax) return null
    this.#message.set(message)
    const count = this.#native.split(message.length)
    if (count <= 0) return null
    this.#found.count = count
    return this.#found
  }

  remember(part: number, { idAt, idEnd }: IdPlace): number | null {
    const at = part * layout.framePartWords
    const [, , headerAt = 0, headerBytes = 0] = this.#found.words.subarray(at, at + layout.framePartWords)
    const digits = idEnd - idAt
    if (headerBytes > layout.frameKnownBytesMax || digits < 1 || digits > layout.frameIdDigitsMax) return null
    return this.#native.remember(headerAt, headerBytes, idAt, idEnd)
  }

  /** Whether it is something that the module writes. */
  #tell(value: unknown): boolean {
    switch (typeof value) {
      case 'string':
        return value.length < keptUnitsMin ? this.#tellText(value) : this.#tellKept(value)
      case 'number':
        return Number.isInteger(value) && value >= 0 && this.#add(layout.tokenNumber, value)
      case 'boolean':
        return this.#add(value ? layout.tokenTrue : layout.tokenFalse, 0)
      case 'object':
        return value === null ? this.#add(layout.tokenNull, 0) : this.#tellObject(value)
      default:
        return value === undefined && this.#add(layout.tokenNull, 0)
    }
  }

  #tellObject(value: object): boolean {
    if (Array.isArray(value)) {
      if (!this.#add(layout.tokenList, value.length)) return false
      for (const item of value as readonly unknown[]) if (!this.#tell(item)) return false
      return true
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) return false
    const names = Object.keys(value)
    if (!this.#add(layout.tokenMap, names.length)) return false
    for (const name of names) {
      if (!this.#tellKept(name)) return false
      if (!this.#tell((value as Readonly<Record<string, unknown>>)[name])) return false
    }
    return true
  }

  /** A text that may come again. */
  #tellKept(text: string): boolean {
    const index = this.#kept.get(text) ?? this.#keep(text)
    if (index === null) return this.#tellText(text)
    this.#keptUses[index] = this.#callCount
    return this.#add(layout.tokenKept, index)
  }

  /** In place of the one that was kept first; null where that is in use, or the text is long. */
  #keep(text: string): number | null {
    const index = this.#nextKept
    if (text.length > keptUnitsMax || this.#keptUses[index] === this.#callCount) return null
    const from = this.#textBytes
    if (!this.#write(text)) return null
    this.#native.keep(index, from, this.#textBytes - from)
    this.#textBytes = from
    this.#kept.delete(this.#keptTexts[index] ?? '')
    this.#kept.set(text, index)
    this.#keptTexts[index] = text
    this.#nextKept = (index + 1) % layout.keptTextsMax
    return index
  }

  #tellText(text: string): boolean {
    const from = this.#textBytes
    return this.#write(text) && this.#add(layout.tokenText, this.#textBytes - from)
  }

  /** Puts a text behind the others, if there is room. */
  #write(text: string): boolean {
    const at = this.#textBytes
    if (at + text.length * bytesPerUnitMax > layout.frameTextsBytesMax) return false
    if (text.length > ownUnitsMax || !this.#writeAscii(text)) {
      this.#textBytes = at + this.#encoder.encodeInto(text, this.#texts.subarray(at)).written
    }
    return true
  }

  #writeAscii(text: string): boolean {
    const at = this.#textBytes
    for (let unit = 0; unit < text.length; unit += 1) {
      const code = text.charCodeAt(unit)
      if (code > 0x7f) return false
      this.#texts[at + unit] = code
    }
    this.#textBytes = at + text.length
    return true
  }

  #add(kind: number, number: number): boolean {
    if (this.#tokenCount === layout.tokensMax || number >= layout.tokenNumberEnd) return false
    this.#tokens[this.#tokenCount] = (number << layout.tokenKindBits) | kind
    this.#tokenCount += 1
    return true
  }
}
