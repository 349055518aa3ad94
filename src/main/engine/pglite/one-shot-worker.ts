/**
 * Runs a thread that does one piece of work and answers once: for what would block the host's event loop.
 * Knows nothing of the work.
 */

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { fromWireError, type WireError } from '../../../contract/error.ts'

/** What such a thread posts. */
export type OneShotAnswer<T> = { readonly error: WireError } | { readonly error: null; readonly value: T }

/**
 * Starts the entry `name` of this folder with `workerData`; resolves with its answer, and ends the thread.
 */
export async function runOneShotWorker<T>(name: string, workerData: unknown): Promise<T> {
  // Sources run as .ts, the built program as .js.
  const entry = new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(entry, { workerData, name: `wardian-${name}` })
  const answered = new Promise<OneShotAnswer<T>>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error(`The thread ${name} ended before it answered`)))
  })
  try {
    const answer = await answered
    if (answer.error) throw fromWireError(answer.error)
    return answer.value
  } finally {
    await worker.terminate()
  }
}
