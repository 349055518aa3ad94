/**
 * pg_blocking_pids: Postgres knows who waits inside of its lock manager, and here nobody does. Whoever waits for
 * another session outside of the backend is answered for; the rest is Postgres's own. Knows no lock.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'
import type { BuiltinFunctions } from './builtin-functions.ts'
import { argumentWord } from './call-info.ts'

export interface BlockingFunctionsOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly builtins: BuiltinFunctions
  /** Calls a function of the module by its index. */
  call(index: number, ...parameters: readonly number[]): unknown
  /** The process ids of those who hold what that process waits for. */
  blockersOf(processId: number): readonly number[]
}

/** INT4OID (catalog/pg_type.dat). */
const integerType = 23

/** Puts it in place (utils/adt/lockfuncs.c). */
export function replaceBlockingFunctions(options: BlockingFunctionsOptions): void {
  const { module, memory, builtins } = options
  const name = 'pg_blocking_pids'
  const index = builtins.index(name)
  builtins.replace(name, (callInfo) => {
    const blockers = options.blockersOf(argumentWord(memory, callInfo, 0))
    if (blockers.length === 0) return Number(options.call(index, callInfo))
    const elements = module._palloc(4 * blockers.length)
    blockers.forEach((processId, place) => memory.setWord(elements + 4 * place, processId))
    return module._construct_array_builtin(elements, blockers.length, integerType)
  })
}
