/**
 * pg_cancel_backend and pg_terminate_backend: there are no processes to send signals to, so what a server would
 * signal is told to the host instead, after the same checks and with the same words as Postgres's own
 * (storage/ipc/signalfuncs.c of PostgreSQL 18). Knows no client.
 */

import type { PgliteModule } from '../pglite-module.ts'
import { raiseError, raiseWarning } from '../raise-error.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'
import type { BuiltinFunctions } from './builtin-functions.ts'
import { argumentInt8, argumentWord } from './call-info.ts'

/** What one session asks of another, or of itself. */
export type SessionSignal = 'cancel' | 'terminate'

/** A session that can be signalled. */
export interface SignalTarget {
  readonly session: number
  /** The oid of the role that has logged in; 0 for none. */
  readonly role: number
}

export interface SignalFunctionsOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly builtins: BuiltinFunctions
  /** The session with that process id. */
  find(processId: number): SignalTarget | null
  onSignal(session: number, signal: SessionSignal): void
}

/** pg_signal_backend (catalog/pg_authid.dat). */
const signalRole = 4200

const words = {
  cancel: {
    function: 'pg_cancel_backend',
    refusal: 'permission denied to cancel query',
    superuser:
      'Only roles with the SUPERUSER attribute may cancel queries of roles with the SUPERUSER attribute.',
    role:
      'Only roles with privileges of the role whose query is being canceled or with privileges of the ' +
      '"pg_signal_backend" role may cancel this query.',
  },
  terminate: {
    function: 'pg_terminate_backend',
    refusal: 'permission denied to terminate process',
    superuser:
      'Only roles with the SUPERUSER attribute may terminate processes of roles with the SUPERUSER attribute.',
    role:
      'Only roles with privileges of the role whose process is being terminated or with privileges of the ' +
      '"pg_signal_backend" role may terminate this process.',
  },
} as const

/** Puts them in place. */
export function replaceSignalFunctions(options: SignalFunctionsOptions): void {
  const { memory, builtins } = options
  builtins.replace(words.cancel.function, (callInfo) =>
    signal(options, argumentWord(memory, callInfo, 0), 'cancel'),
  )
  builtins.replace(words.terminate.function, (callInfo) => {
    const [, timeoutHigh] = argumentInt8(memory, callInfo, 1)
    if (timeoutHigh < 0) refuseTimeout(options.module)
    return signal(options, argumentWord(memory, callInfo, 0), 'terminate')
  })
}

function refuseTimeout(module: PgliteModule): void {
  raiseError(module, {
    ...{ state: '22003', message: '"timeout" must not be negative' },
    ...{ file: 'signalfuncs', routine: words.terminate.function },
  })
}

/** Answers a bool: whether there was somebody to signal. */
function signal(options: SignalFunctionsOptions, processId: number, kind: SessionSignal): number {
  const { module } = options
  const target = options.find(processId)
  if (!target) {
    raiseWarning(module, {
      ...{ state: '01000', message: `PID ${processId} is not a PostgreSQL backend process` },
      ...{ file: 'signalfuncs', routine: 'pg_signal_backend' },
    })
    return 0
  }
  const detail = objection(module, target.role, kind)
  if (detail !== null) {
    const { refusal, function: routine } = words[kind]
    raiseError(module, { state: '42501', message: refusal, detail, file: 'signalfuncs', routine })
  }
  options.onSignal(target.session, kind)
  return 1
}

/** Why the current user may not signal a session of `role`; null if it may. */
function objection(module: PgliteModule, role: number, kind: SessionSignal): string | null {
  const isSuperusers = role === 0 || module._superuser_arg(role) === 1
  if (isSuperusers) return module._superuser() === 1 ? null : words[kind].superuser
  const user = module._GetUserId()
  const may = module._has_privs_of_role(user, role) === 1 || module._has_privs_of_role(user, signalRole) === 1
  return may ? null : words[kind].role
}
