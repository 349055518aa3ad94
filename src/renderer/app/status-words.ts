/** What the status bar says of a console, how the last run ended, and of the endpoints. Pure. */

import type { Endpoint } from '../../contract/endpoint.ts'
import type { WebEndpoint } from '../../contract/web-endpoint.ts'
import type { StatementOutcome } from '../../contract/statement.ts'
import type { RunSummary } from '../state/console-model.ts'
import { formatBytes, formatDuration, formatRows } from '../widgets/number-format.ts'

/** After a run: `12 ms · 2,000 rows`, and what was cut, failed or cancelled. */
export function describeSummary(summary: RunSummary): string {
  const { durationMs, statementsRun, statementsTotal, outcome, failure } = summary
  // One statement is timed where the work is done; a script from end to end.
  const shownMs = statementsTotal === 1 && outcome ? outcome.durationMs : durationMs
  const isScript = statementsTotal > 1
  const isBroken = !failure && (outcome?.status === 'failed' || outcome?.status === 'cancelled')
  if (isScript && isBroken) {
    return `${formatDuration(shownMs)} · statement ${statementsRun} of ${statementsTotal} ${outcome.status}`
  }
  const parts = [
    formatDuration(shownMs),
    isScript ? `${statementsRun} of ${statementsTotal} statements` : null,
    failure
      ? failure.code === 'cancelled'
        ? 'cancelled'
        : 'broken off'
      : outcome
        ? describeOutcome(outcome)
        : null,
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

/** Such as `2,000 rows`, or `CREATE TABLE`. */
export function describeOutcome({
  status,
  rowCount,
  resultBytes,
  commandTag,
  cached,
}: StatementOutcome): string {
  switch (status) {
    case 'ok':
      return `${isRowCommand(commandTag) ? formatRows(rowCount) : (commandTag ?? 'done')}${cached ? ' · cached' : ''}`
    case 'cut':
      return `cut at ${formatBytes(resultBytes)}, ${formatRows(rowCount)}`
    case 'failed':
      return 'failed'
    case 'cancelled':
      return 'cancelled'
  }
}

/** Whether a command tag counts rows (PostgreSQL 18 documentation, section 54.7, CommandComplete). */
function isRowCommand(commandTag: string | null): boolean {
  return commandTag === null || /\d$/.test(commandTag)
}

/** `127.0.0.1:5433 · 3 clients`. */
export function endpointWords({ state, address, port, clientCount }: Endpoint): string {
  if (state === 'failed') return 'endpoint failed'
  if (state !== 'listening') return `endpoint ${state}`
  return `${address}:${port} · ${clientCount === 1 ? '1 client' : `${clientCount} clients`}`
}

/** `web: 127.0.0.1:5480 · 3 clients`. */
export function webEndpointWords({ state, url, clientCount }: WebEndpoint): string {
  if (state === 'failed') return 'web endpoint failed'
  if (state !== 'listening' || url === null) return `web endpoint ${state}`
  return `web: ${new URL(url).host} · ${clientCount === 1 ? '1 client' : `${clientCount} clients`}`
}
