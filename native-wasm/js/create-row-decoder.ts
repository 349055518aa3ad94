/**
 * Chooses the implementation of the decoder. Owns nothing and keeps nothing; whoever asks decides how often
 * the WebAssembly is read and compiled.
 */

import type { RowDecoder } from './row-decoder.ts'
import { createTwinRowDecoder } from './twin-row-decoder.ts'

/** Makes a decoder: the preferred one where it can run, else the twin, which says why. Never throws. */
export function createRowDecoder(preferred: RowDecoder['name'] = 'wasm'): RowDecoder {
  if (preferred === 'twin') return createTwinRowDecoder()
  return createTwinRowDecoder('The WebAssembly decoder is not part of this build')
}
