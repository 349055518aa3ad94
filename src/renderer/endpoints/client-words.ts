/** What the page says of clients: their state, how long they have been in it, and in which order they stand. Pure. */

import type { EndpointClient } from '../../contract/endpoint.ts'
import type { DotKind } from '../widgets/state-dot.tsx'

export type ClientColumn =
  'client' | 'state' | 'since' | 'statement' | 'waitingFor' | 'database' | 'role' | 'address'

export interface ClientOrder {
  readonly column: ClientColumn
  readonly direction: 'ascending' | 'descending'
}

type State = EndpointClient['state']

const stateRanks: Readonly<Record<State, number>> = {
  waiting: 0,
  active: 1,
  'idle in transaction': 2,
  'idle in transaction (aborted)': 3,
  starting: 4,
  idle: 5,
}

const stateDots: Readonly<Record<State, DotKind>> = {
  waiting: 'waiting',
  active: 'ok',
  'idle in transaction': 'waiting',
  'idle in transaction (aborted)': 'failed',
  starting: 'idle',
  idle: 'idle',
}

export function dotOf(state: State): DotKind {
  return stateDots[state]
}

/** Whether it has something to cancel. */
export function isBusy({ state }: EndpointClient): boolean {
  return state === 'active' || state === 'waiting'
}

/** Whether disconnecting it would undo what it has begun. */
export function hasWorkToLose(client: EndpointClient): boolean {
  return client.state !== 'idle' && client.state !== 'starting'
}

/** What people know it by: the program's name, or what it runs on. */
export function clientName({ applicationName, processId }: EndpointClient): string {
  return applicationName === '' ? `client ${processId}` : `${applicationName} ${processId}`
}

export function addressWords({ address, port, isEncrypted }: EndpointClient): string {
  if (address === null) return 'Unix-domain socket'
  return `${address}:${port}${isEncrypted ? ', TLS' : ''}`
}

/** The database that it has connected to, or a copy of it. */
export function databaseWords({ database, isFork }: EndpointClient): string {
  return isFork ? `${database} (copy)` : database
}

/** `4 s`, `3 min`, `2 h 5 min`, `3 d`: in whole units, since it is read while it grows. */
export function ageWords(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1_000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (minutes === 0) return `${seconds} s`
  if (hours === 0) return `${minutes} min`
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`
}

/** In the order asked for; the oldest client first where that leaves it open. */
export function sortClients(
  clients: readonly EndpointClient[],
  { column, direction }: ClientOrder,
): readonly EndpointClient[] {
  const sign = direction === 'ascending' ? 1 : -1
  return [...clients].sort(
    (a, b) => sign * compare(a, b, column) || a.connectedAtMs - b.connectedAtMs || a.processId - b.processId,
  )
}

function compare(a: EndpointClient, b: EndpointClient, column: ClientColumn): number {
  switch (column) {
    case 'state':
      return stateRanks[a.state] - stateRanks[b.state]
    case 'since':
      // The longest time is the largest: it began first.
      return b.stateSinceMs - a.stateSinceMs
    case 'client':
      return a.applicationName.localeCompare(b.applicationName)
    case 'address':
      return addressWords(a).localeCompare(addressWords(b), 'en', { numeric: true })
    case 'statement':
    case 'waitingFor':
      // Nothing comes last.
      return (a[column] ?? '\u{10FFFF}').localeCompare(b[column] ?? '\u{10FFFF}')
    case 'database':
    case 'role':
      return a[column].localeCompare(b[column])
  }
}

/** `1 client`, `3 clients`. */
export function countWords(count: number): string {
  return count === 1 ? '1 client' : `${count.toLocaleString('en')} clients`
}
