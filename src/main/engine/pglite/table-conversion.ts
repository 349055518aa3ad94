/**
 * Converts text between UTF-8 and another encoding by Postgres's tables: UtfToLocal and LocalToUtf of
 * utils/mb/conv.c (PostgreSQL 18), character by character as there, because what cannot be converted is told by its
 * place. Raises nothing itself.
 */

import { checkedCharacterLength, isLegalUtf8, utf8Length } from './encoding-characters.ts'
import { findCombined, findPair, lookUp, type Combinations } from './radix-tree.ts'

/** The parameters of both functions, in their order. */
export interface ConversionCall {
  readonly source: number
  readonly length: number
  readonly target: number
  /** A pg_mb_radix_tree; 0 for none. */
  readonly tree: number
  readonly combinations: Combinations
  /** Converts one character by rule; null if there is none. */
  readonly byRule: ((code: number) => number) | null
  readonly encoding: number
}

/** Where it came to its end: how many bytes it has read, and what was wrong there. */
export interface ConversionEnd {
  readonly readBytes: number
  readonly problem: 'none' | 'invalid' | 'untranslatable'
}

/** From UTF-8. `memory` is WebAssembly's. */
export function convertFromUtf8(memory: Uint8Array, call: ConversionCall): ConversionEnd {
  const { source, length, tree, combinations, byRule } = call
  const text = memory.subarray(source, source + length)
  const out = new Output(memory, call.target)
  let at = 0
  while (at < length) {
    const character = utf8At(text, at)
    if (!character) return out.end(at, 'invalid')
    at += character.length
    if (character.length === 1) {
      out.put(character[0] ?? 0)
      continue
    }
    const code = codeOf(character)
    const next = combinations.address > 0 && at < length ? utf8At(text, at) : new Uint8Array(0)
    if (!next) return out.end(at - character.length, 'invalid')
    // No ASCII character is the second of a pair.
    const both = next.length > 1 ? findPair(memory, combinations, [code, codeOf(next)]) : 0
    if (both !== 0) at += next.length
    const converted = both || (tree && lookUp(memory, tree, character)) || (byRule?.(code) ?? 0)
    if (converted === 0) return out.end(at - character.length, 'untranslatable')
    out.put(converted)
  }
  return out.end(at, 'none')
}

/** To UTF-8. */
export function convertToUtf8(memory: Uint8Array, call: ConversionCall): ConversionEnd {
  const { source, length, tree, combinations, byRule, encoding } = call
  const text = memory.subarray(source, source + length)
  const out = new Output(memory, call.target)
  let at = 0
  while (at < length) {
    const first = text[at] ?? 0
    const size = first < 0x80 ? 1 : checkedCharacterLength(encoding, text.subarray(at))
    if (first === 0 || size < 0) return out.end(at, 'invalid')
    const character = text.subarray(at, at + size)
    at += size
    if (first < 0x80) {
      out.put(first)
      continue
    }
    const code = codeOf(character)
    const one = tree === 0 ? 0 : lookUp(memory, tree, character)
    const two = one === 0 ? findCombined(memory, combinations, code) : null
    const converted = two ?? [one || (byRule?.(code) ?? 0)]
    if (converted[0] === 0) return out.end(at - size, 'untranslatable')
    for (const each of converted) out.put(each)
  }
  return out.end(at, 'none')
}

/** The character there; null if there is none, or it is NUL. */
function utf8At(text: Uint8Array, at: number): Uint8Array | null {
  const first = text[at] ?? 0
  const character = text.subarray(at, at + utf8Length(first))
  return first !== 0 && isLegalUtf8(character) ? character : null
}

function codeOf(character: Uint8Array): number {
  return character.reduce((code, byte) => code * 256 + byte, 0)
}

class Output {
  readonly #memory: Uint8Array
  #at: number

  constructor(memory: Uint8Array, at: number) {
    this.#memory = memory
    this.#at = at
  }

  /** The bytes of `code`, the highest first (store_coded_char). */
  put(code: number): void {
    for (let shift = 24; shift >= 0; shift -= 8) {
      if ((code >>> shift) & 0xff) this.#memory[this.#at++] = (code >>> shift) & 0xff
    }
  }

  end(readBytes: number, problem: ConversionEnd['problem']): ConversionEnd {
    this.#memory[this.#at] = 0
    return { readBytes, problem }
  }
}
