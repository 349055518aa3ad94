/**
 * The entry of the thread that fills the directory of a new instance, while the instance's own thread loads
 * PGlite: each takes about as long as the other.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { present } from '../../../base/assert.ts'
import { toWireError } from '../../../contract/error.ts'
import type { OneShotAnswer } from './one-shot-worker.ts'
import { prepareDirectory, type PrepareOptions } from './prepare-directory.ts'

const outbox = present(parentPort, 'The port of the parent')

try {
  await prepareDirectory(workerData as PrepareOptions)
  outbox.postMessage({ error: null, value: null } satisfies OneShotAnswer<null>)
} catch (error) {
  outbox.postMessage({ error: toWireError(error) } satisfies OneShotAnswer<null>)
}
