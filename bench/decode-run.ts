/** How the decode benchmark uses a decoder: as the engine does, a batch whenever enough is pending. */

import { createRowDecoder } from '../native-wasm/js/create-row-decoder.ts'
import type { RowDecoder } from '../native-wasm/js/row-decoder.ts'
import { batchBytesTarget } from '../src/contract/limits.ts'

export const modes = ['floor', 'wasm', 'twin'] as const
/** What is done with the bytes of a result: nothing, or decoding them. */
export type Mode = (typeof modes)[number]

/** Hands over the bytes of a result, in chunks that are valid only during the call. */
export type Feed = (take: (chunk: Uint8Array) => void) => Promise<void>

/** Opens the named decoder for columns of these kinds, and throws where it would be another one. */
export function openDecoder(name: 'wasm' | 'twin', kinds: Uint8Array): RowDecoder {
  const decoder = createRowDecoder(name)
  if (decoder.name !== name) throw new Error(`No ${name} decoder: ${decoder.fallbackReason ?? ''}`)
  decoder.reset(kinds)
  return decoder
}

/** Decodes what `feed` hands over; each batch goes to `keep`. */
export async function decode(
  decoder: RowDecoder,
  feed: Feed,
  keep: (batch: ArrayBuffer) => void,
): Promise<void> {
  await feed((chunk) => {
    decoder.push(chunk)
    while (decoder.next() !== null);
    if (decoder.pendingBytes < batchBytesTarget) return
    const batch = decoder.takeBatch()
    if (batch !== null) keep(batch)
  })
  const last = decoder.takeBatch()
  if (last !== null) keep(last)
}
