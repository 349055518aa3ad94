/**
 * The entry of the thread that does what would block the host before an instance can open: compiles PGlite's
 * WebAssembly, 9 MB, which takes V8 about 200 ms, and fills the directories of new instances. The compiled module
 * is shared with other threads, not copied.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { present } from '../../../base/assert.ts'
import { toWireError } from '../../../contract/error.ts'
import type { CompiledModule, FileAnswer, FileWork } from './engine-message.ts'
import { prepareDirectory } from './prepare-directory.ts'

const port = present(parentPort, 'The port of the parent')
port.on('message', (work: FileWork) => void answer(work))

async function answer({ number, task }: FileWork): Promise<void> {
  try {
    const value = task.kind === 'compile' ? compile(task.wasmFile) : await prepareDirectory(task)
    port.postMessage({ number, error: null, value } satisfies FileAnswer)
  } catch (error) {
    port.postMessage({ number, error: toWireError(error) } satisfies FileAnswer)
  }
}

function compile(wasmFile: string): CompiledModule {
  const bytes = readFileSync(wasmFile)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { wasmModule: new WebAssembly.Module(bytes), sha256 }
}
