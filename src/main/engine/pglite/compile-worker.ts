/**
 * The entry of the thread that compiles PGlite's WebAssembly: 9 MB, which takes V8 about 200 ms and would block
 * whoever does it. The compiled module is shared with other threads, not copied.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { present } from '../../../base/assert.ts'
import { toWireError } from '../../../contract/error.ts'
import type { CompiledModule } from './engine-message.ts'
import type { OneShotAnswer } from './one-shot-worker.ts'

const { wasmFile } = workerData as { wasmFile: string }

present(parentPort, 'The port of the parent').postMessage(compile())

function compile(): OneShotAnswer<CompiledModule> {
  try {
    const bytes = readFileSync(wasmFile)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { error: null, value: { wasmModule: new WebAssembly.Module(bytes), sha256 } }
  } catch (error) {
    return { error: toWireError(error) }
  }
}
