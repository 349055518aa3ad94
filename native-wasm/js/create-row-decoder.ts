/**
 * Chooses the implementation of the decoder. Keeps nothing: each call reads and compiles the module, which takes
 * about a millisecond, so an engine makes one decoder and uses it for every result.
 */

import type { RowDecoder } from './row-decoder.ts'
import { createTwinRowDecoder } from './twin-row-decoder.ts'
import { compileRowDecoder, createWasmRowDecoder, rowDecoderUrl } from './wasm-row-decoder.ts'

/**
 * Makes a decoder: the preferred one where it can run, else the twin, whose fallbackReason says why. The module
 * is read from `moduleUrl`.
 */
export function createRowDecoder(
  preferred: RowDecoder['name'] = 'wasm',
  moduleUrl: URL = rowDecoderUrl,
): RowDecoder {
  if (preferred === 'twin') return createTwinRowDecoder()
  try {
    return createWasmRowDecoder(compileRowDecoder(moduleUrl))
  } catch (error) {
    // No file, no WebAssembly, no SIMD: whatever the reason, the twin gives the same answers.
    return createTwinRowDecoder(error instanceof Error ? error.message : String(error))
  }
}
