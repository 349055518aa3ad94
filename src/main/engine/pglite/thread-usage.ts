/**
 * What a worker thread has used of the machine. Node asks the thread by an interrupt, which V8 takes also in the middle
 * of WebAssembly and in `Atomics.wait`, so that a busy thread answers as fast as an idle one. Knows no engine.
 */

import type { Worker } from 'node:worker_threads'

export interface ThreadUsage {
  readonly cpuSeconds: number
  readonly heapBytes: number
  readonly externalBytes: number
}

const microsecondsPerSecond = 1_000_000

/** null: it has ended, or this Node does not tell (`cpuUsage` is there from 24.6, `getHeapStatistics` from 24.0). */
export async function threadUsage(worker: Worker): Promise<ThreadUsage | null> {
  if (!('cpuUsage' in worker) || !('getHeapStatistics' in worker)) return null
  try {
    const [cpu, heap] = await Promise.all([worker.cpuUsage(), worker.getHeapStatistics()])
    return {
      cpuSeconds: (cpu.user + cpu.system) / microsecondsPerSecond,
      heapBytes: heap.used_heap_size,
      externalBytes: heap.external_memory,
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_NOT_RUNNING') return null
    throw error
  }
}
