/**
 * What a session has set for itself, as far as another one can have it, too: its settings and its role. Prepared
 * statements, temporary tables and what is in an open transaction stay behind.
 */

import type { Session } from '../session/session.ts'
import { SessionQueries } from '../session/session-query.ts'

export interface SessionSettings {
  /** SET ROLE; null for none. */
  readonly role: string | null
  /** SET SESSION AUTHORIZATION, or who has logged in. */
  readonly user: string
  readonly settings: readonly (readonly [name: string, value: string])[]
}

const settingsQuery = `select name::text, setting::text from pg_catalog.pg_settings
  where source = 'session' and context in ('user', 'superuser') and name <> 'application_name' order by name`
const roleQuery = `select session_user::text, nullif(pg_catalog.current_setting('role'), 'none')::text`

/** In the session's turn; it must not run anything, nor have a failed transaction. */
export async function readSettings(session: Session, signal: AbortSignal): Promise<SessionSettings> {
  const queries = new SessionQueries(session)
  const [names] = await queries.rows(roleQuery, [], signal)
  const rows = await queries.rows(settingsQuery, [], signal)
  const settings = rows.map(([name, value]) => [name ?? '', value ?? ''] as const)
  return { user: names?.[0] ?? 'postgres', role: names?.[1] ?? null, settings }
}

/** Makes another session like it; answers the names of what could not be set. */
export async function applySettings(
  session: Session,
  { role, user, settings }: SessionSettings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const queries = new SessionQueries(session)
  const failed: string[] = []
  const all = [
    ...settings,
    ['session_authorization', user],
    ...(role === null ? [] : [['role', role]]),
  ] as const
  for (const [name = '', value = ''] of all) {
    try {
      await queries.rows('select pg_catalog.set_config($1, $2, false)', [name, value], signal)
    } catch (error) {
      if (signal.aborted) throw error
      failed.push(name)
    }
  }
  return failed
}
