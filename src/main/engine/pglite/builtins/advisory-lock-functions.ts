/**
 * The SQL functions that wait for an advisory lock. On one backend nothing can wait inside a statement: whoever
 * holds the lock could never let go. They try instead, as their own siblings do, and what cannot be had is the
 * caller's to answer. Knows no session.
 */

import type { PgliteModule } from '../pglite-module.ts'
import { lockModes, type AdvisoryLock } from '../sessions/advisory-lock.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'
import type { BuiltinFunctions } from './builtin-functions.ts'
import { argumentInt8, argumentWord } from './call-info.ts'

export interface AdvisoryLockFunctionsOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly builtins: BuiltinFunctions
  /** Calls a function of the module by its index. */
  call(index: number, ...parameters: readonly number[]): unknown
  /** Another session holds the lock. Raises an error. */
  onWouldWait(lock: AdvisoryLock): void
}

/** Puts them in place (utils/adt/lockfuncs.c). */
export function replaceAdvisoryLockFunctions(options: AdvisoryLockFunctionsOptions): void {
  for (const scope of ['', 'xact_']) {
    for (const mode of ['', '_shared']) {
      for (const key of ['int8', 'int4'] as const) replace(options, { scope, mode, key })
    }
  }
}

function replace(
  options: AdvisoryLockFunctionsOptions,
  { scope, mode, key }: { readonly scope: string; readonly mode: string; readonly key: 'int8' | 'int4' },
): void {
  const { module, memory, builtins } = options
  const name = `${scope}lock${mode}_${key}`
  const tryIndex = builtins.index(`pg_try_advisory_${name}`)
  const lockMode = mode === '' ? lockModes.exclusive : lockModes.share
  builtins.replace(`pg_advisory_${name}`, (callInfo) => {
    if (options.call(tryIndex, callInfo) === 1) return 0
    const database = memory.word(module._MyDatabaseId)
    options.onWouldWait({ database, ...keyOf(memory, callInfo, key), mode: lockMode })
    return 0
  })
}

/** SET_LOCKTAG_INT64 and SET_LOCKTAG_INT32. */
function keyOf(memory: BackendMemory, callInfo: number, key: 'int8' | 'int4') {
  if (key === 'int4') {
    return { first: argumentWord(memory, callInfo, 0), second: argumentWord(memory, callInfo, 1), kind: 2 }
  }
  const [low, high] = argumentInt8(memory, callInfo, 0)
  return { first: high, second: low, kind: 1 }
}
