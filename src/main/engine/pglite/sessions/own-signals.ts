/**
 * The one signal that the backend sends to itself: by SIGUSR1 DROP DATABASE and its like make every backend let
 * go of files. Postgres puts a guard before its handlers that ends a process whose id is not its own any more, as
 * after a fork; sessions have ids of their own, so here the handler itself is called.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from './backend-memory.ts'

/** SIGUSR1 of Emscripten's C library. */
const userSignal = 10
/** struct sigaction is shorter; it begins with the handler. */
const actionBytes = 256

/** Puts procsignal_sigusr1_handler (storage/ipc/procsignal.c) in place. */
export function answerOwnSignals(module: PgliteModule, memory: BackendMemory): void {
  const handler = module.addFunction(module._procsignal_sigusr1_handler, 'vi')
  const action = module._malloc(actionBytes)
  module.HEAPU8.fill(0, action, action + actionBytes)
  memory.setWord(action, handler)
  module._sigaction(userSignal, action, 0)
  module._free(action)
}
