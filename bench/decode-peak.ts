/**
 * Started by the decode benchmark in a process of its own, `MODE BLOCK TIMES KINDS`: decodes the block of backend
 * bytes in the file BLOCK TIMES times over, keeps every batch, and prints, as JSON, the bytes
 * kept and by how much resident memory grew at its peak. The process never holds more than the block besides.
 */

import { readFileSync } from 'node:fs'
import { decode, openDecoder } from './decode-run.ts'
import type { Feed } from './decode-run.ts'
import { measureExtraPeak } from './peak-memory.ts'

/** What PGlite hands over at a time. */
const chunkBytes = 8192

const [mode = '', blockPath = '', times = '', kinds = ''] = process.argv.slice(2)
const block = readFileSync(blockPath)
const feed: Feed = async (take) => {
  for (let time = 0; time < Number(times); time++) {
    for (let at = 0; at < block.length; at += chunkBytes) take(block.subarray(at, at + chunkBytes))
  }
}

const batches: ArrayBuffer[] = []
const { extraPeakBytes } = await measureExtraPeak(async () => {
  if (mode === 'floor') return feed(() => {})
  const decoder = openDecoder(
    mode === 'twin' ? 'twin' : 'wasm',
    Uint8Array.from(JSON.parse(kinds) as number[]),
  )
  return decode(decoder, feed, (batch) => batches.push(batch))
})
const payloadBytes = batches.reduce((sum, batch) => sum + batch.byteLength, 0)
console.log(JSON.stringify({ payloadBytes, extraPeakBytes }))
