/** That Postgres's shared memory is zero although the heap is not zeroed for it. The real heap, no database. */

import { PGlite, MemoryFS } from '@electric-sql/pglite'
import { expect, test } from 'vitest'
import type { PgliteModule } from './pglite-module.ts'
import { zeroSpareMemory, type HeapParts } from './spare-memory.ts'

type InitArguments = Parameters<MemoryFS['init']>
type InstanceReceiver = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void

/** Keeps the instance, which alone has what the heap's end is found by. */
class WatchedMemoryFS extends MemoryFS {
  instance: WebAssembly.Instance | null = null

  override async init(...[pg, options]: InitArguments): ReturnType<MemoryFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options)
    const instantiateWasm = (imports: unknown, onSuccess: InstanceReceiver): unknown =>
      emscriptenOpts.instantiateWasm?.(
        imports,
        (instance: WebAssembly.Instance, module: WebAssembly.Module) => {
          this.instance = instance
          onSuccess(instance, module)
        },
      )
    return { emscriptenOpts: { ...emscriptenOpts, instantiateWasm } }
  }
}

async function openHeap(): Promise<HeapParts> {
  const fs = new WatchedMemoryFS()
  const pglite = await PGlite.create({ fs, noInitDb: true })
  const breakOf = fs.instance?.exports['emscripten_get_sbrk_ptr'] as () => number
  return { module: pglite.Module as unknown as PgliteModule, breakAddress: breakOf() }
}

test('what the end of the heap gives is zero, whatever has been written there before', async () => {
  const heap = await openHeap()
  const { module } = heap
  const usedBytes = 3 << 20
  const used = module._malloc(usedBytes)
  module.HEAPU8.fill(0xaa, used, used + usedBytes)
  module._free(used)
  const zeroed = zeroSpareMemory(heap)
  const sharedBytes = 256 << 20
  const shared = module._malloc(sharedBytes)
  expect(shared).toBe(zeroed)
  expect(shared).toBeLessThan(used + usedBytes)
  const words = new BigUint64Array(module.HEAPU8.buffer, shared, sharedBytes / 8)
  expect(words.findIndex((word) => word !== 0n)).toBe(-1)
}, 60_000)
