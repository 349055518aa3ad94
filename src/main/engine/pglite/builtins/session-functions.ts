/**
 * The built-in functions that answer for the sessions that share the backend, where Postgres would answer for its one
 * client or for processes that it does not have: puts all of them in place. Knows no function's meaning.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'
import { replaceAdvisoryLockFunctions, type AdvisoryLockFunctionsOptions } from './advisory-lock-functions.ts'
import { replaceBlockingFunctions, type BlockingFunctionsOptions } from './blocking-functions.ts'
import { BuiltinFunctions } from './builtin-functions.ts'
import { replaceSignalFunctions, type SignalFunctionsOptions } from './signal-functions.ts'
import { replaceSystemUser, type SystemUserOptions } from './system-user-function.ts'

/** What the backend lends. */
export interface SessionFunctionsPlace {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  /** fmgr_builtins. */
  readonly table: number
  /** Calls a function of the module by its index. */
  call(index: number, ...parameters: readonly number[]): unknown
}

/** Who answers. */
export type SessionAnswers = Pick<AdvisoryLockFunctionsOptions, 'onWouldWait'> &
  Pick<BlockingFunctionsOptions, 'blockersOf'> &
  Pick<SignalFunctionsOptions, 'find' | 'onSignal'> &
  Pick<SystemUserOptions, 'current'>

export function replaceSessionFunctions(place: SessionFunctionsPlace, answers: SessionAnswers): void {
  const { module, memory, table } = place
  const call: SessionFunctionsPlace['call'] = (index, ...parameters) => place.call(index, ...parameters)
  const builtins = new BuiltinFunctions({ module, memory, table })
  const options = { ...answers, module, memory, builtins, call }
  replaceAdvisoryLockFunctions(options)
  replaceBlockingFunctions(options)
  replaceSystemUser(options)
  replaceSignalFunctions(options)
}
