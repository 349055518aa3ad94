/**
 * Who waits for whose locks on a server elsewhere, as pg_stat_activity and pg_blocking_pids tell it (PostgreSQL 18
 * documentation, sections 27.2.3 and 9.27). Of other roles' sessions a role without pg_monitor sees no statement.
 */

import { waitersShownMax, type WaitParty, type WaitsInsight } from '../../contract/insight.ts'
import type { Ask } from './insight-session.ts'
import { asJson, count, cut, known, namedRows, text, type NamedRow } from './row-fields.ts'

const titleLengthMax = 1_024
const behindMax = 20
const activityQuery = asJson(`
  SELECT a.pid, a.usename, a.application_name, a.client_addr, a.state, a.wait_event_type, a.wait_event,
    left(a.query, 4096) AS query, to_json(pg_blocking_pids(a.pid)) AS blockers,
    round(extract(epoch FROM CASE WHEN a.state LIKE 'idle%' THEN a.state_change ELSE a.query_start END) * 1000) AS since
  FROM pg_stat_activity AS a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.state IS DISTINCT FROM 'idle'
  ORDER BY a.xact_start NULLS LAST LIMIT 2000`)

export async function serverWaits(ask: Ask, atMs: number): Promise<WaitsInsight> {
  const rows = namedRows(await ask(activityQuery))
  const byProcess = new Map(rows.map((row) => [count(row, 'pid'), row]))
  const blocked = rows.filter((row) => blockersOf(row).length > 0)
  const blocking = new Set(blocked.flatMap(blockersOf))
  const waiters = blocked.map((row) => ({
    who: party(row, false),
    for: cut([row['wait_event_type'], row['wait_event']].filter(Boolean).join(': ') || 'a lock', 256),
    behind: blockersOf(row)
      .slice(0, behindMax)
      .map((processId) => titleOf(byProcess.get(processId), processId)),
  }))
  const holders = rows
    .filter((row) => blocking.has(count(row, 'pid')) || blockersOf(row).length === 0)
    .map((row) => party(row, text(row, 'state') === 'active'))
  return {
    atMs,
    holders: holders.slice(0, waitersShownMax),
    waiters: waiters.slice(0, waitersShownMax),
    leftOut: Math.max(0, waiters.length - waitersShownMax),
  }
}

function blockersOf(row: NamedRow): number[] {
  return JSON.parse(row['blockers'] ?? '[]') as number[]
}

function titleOf(row: NamedRow | undefined, processId: number): string {
  if (!row) return `process ${processId}`
  const name = text(row, 'application_name') || text(row, 'usename') || 'somebody'
  return cut(`${name} (process ${processId})`, titleLengthMax)
}

function party(row: NamedRow, isRunning: boolean): WaitParty {
  const processId = count(row, 'pid')
  const state = text(row, 'state')
  return {
    ...{ title: titleOf(row, processId), kind: 'backend', sessionId: null, clientId: null, processId },
    statement: row['query'] ?? null,
    transaction: state.includes('aborted') ? 'failed' : state.includes('in transaction') ? 'open' : 'none',
    ...{ isRunning, sinceMs: known(row, 'since') },
  }
}
