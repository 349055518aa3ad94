/**
 * SYSTEM_USER: Postgres knows how its one client has been authenticated, which is nobody's business here. Answers how
 * the client of the current session was. Knows no session.
 */

import type { PgliteModule } from '../pglite-module.ts'
import type { BackendMemory } from '../sessions/backend-memory.ts'
import type { BuiltinFunctions } from './builtin-functions.ts'
import { setNull } from './call-info.ts'

export interface SystemUserOptions {
  readonly module: PgliteModule
  readonly memory: BackendMemory
  readonly builtins: BuiltinFunctions
  /** null for a session without a client. */
  current(): string | null
}

/** Puts it in place (utils/init/miscinit.c). */
export function replaceSystemUser({ module, memory, builtins, current }: SystemUserOptions): void {
  builtins.replace('system_user', (callInfo) => {
    const user = current()
    if (user === null) {
      setNull(module, callInfo)
      return 0
    }
    const bytes = Buffer.from(user)
    // A varlena: its length in the upper 30 bits, itself included (varatt.h, SET_VARSIZE_4B).
    const text = module._palloc(4 + bytes.length)
    memory.setWord(text, (4 + bytes.length) << 2)
    module.HEAPU8.set(bytes, text + 4)
    return text
  })
}
