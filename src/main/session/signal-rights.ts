/**
 * Who may end what another session does (pg_signal_backend in storage/ipc/signalfuncs.c of PostgreSQL 18). Knows roles
 * by their names only.
 */

import type { EngineRole } from '../engine/engine.ts'

const signalRole = 'pg_signal_backend'

/** Whether a session that `caller` has logged in to may signal one of `target`. */
export function maySignal(roles: ReadonlyMap<string, EngineRole>, caller: string, target: string): boolean {
  if (roles.get(caller)?.isSuperuser) return true
  if (roles.get(target)?.isSuperuser !== false) return false
  const rights = rightsOf(roles, caller)
  return rights.has(target) || rights.has(signalRole)
}

/** The role itself, and all whose rights it has through others. */
function rightsOf(roles: ReadonlyMap<string, EngineRole>, role: string): ReadonlySet<string> {
  const rights = new Set([role])
  for (const name of rights)
    for (const inherited of roles.get(name)?.inheritsFrom ?? []) rights.add(inherited)
  return rights
}
