/**
 * Who has the one backend of an instance here, and who waits for it: consoles, clients of the endpoint, and the host
 * itself. Looks at what they tell of themselves; asks no backend, which would have to wait as well.
 */

import { waitersShownMax, type WaitParty, type Waiter, type WaitsInsight } from '../../contract/insight.ts'
import { Session } from '../session/session.ts'
import type { TurnQueue, TurnTaker } from '../session/turn-queue.ts'
import { cut } from './row-fields.ts'

/** A client of the endpoint whose statements run on the shared backend. */
export interface SharedClient {
  readonly id: string
  readonly processId: number
  readonly title: string
  readonly state: string
  readonly stateSinceMs: number
  readonly statement: string | null
  readonly waitingFor: string | null
}

export interface BackendUse {
  readonly turns: TurnQueue
  readonly clients: readonly SharedClient[]
  /** Clients take turns as one, whoever is not known otherwise and has this title. */
  isClientLine(taker: TurnTaker): boolean
}

const titleLengthMax = 1_024
const statementLengthMax = 4_096

export function backendWaits({ turns, clients, isClientLine }: BackendUse, atMs: number): WaitsInsight {
  const { holder } = turns
  const isLine = holder !== null && isClientLine(holder)
  const inLine = clients.filter(({ waitingFor }) => waitingFor === null).filter(usesBackend)
  const isRunning = !turns.isHeldIdle
  const holders = isLine
    ? inLine.map((client) => ofClient(client))
    : holder === null
      ? []
      : [ofTaker(holder, isRunning)]
  const behind = holder === null ? [] : [cut(holder.title, titleLengthMax)]
  const takers = turns.waiting
    .filter((taker) => !isClientLine(taker))
    .map((taker) => waiter(ofTaker(taker, false), behind))
  const waitingClients = clients
    .filter(({ waitingFor }) => waitingFor !== null)
    .map((client) => waiter(ofClient(client), [cut(client.waitingFor ?? '', titleLengthMax)]))
  const waiters = [...takers, ...waitingClients]
  return {
    atMs,
    holders: holders.slice(0, waitersShownMax),
    waiters: waiters.slice(0, waitersShownMax),
    leftOut: Math.max(0, waiters.length - waitersShownMax),
  }
}

function usesBackend({ state }: SharedClient): boolean {
  return state === 'active' || state.startsWith('idle in transaction')
}

function waiter(who: WaitParty, behind: readonly string[]): Waiter {
  return { who, for: 'the backend', behind }
}

function ofTaker(taker: TurnTaker, isRunning: boolean): WaitParty {
  const title = cut(taker.title, titleLengthMax)
  const none = { clientId: null, processId: null, isRunning }
  // What the host does for itself has no session that anybody could cancel.
  if (!(taker instanceof Session)) {
    const about = { sessionId: null, statement: null, transaction: 'none', sinceMs: null } as const
    return { ...none, ...about, title, kind: 'host' }
  }
  const { state, lastStatement, activeSinceMs } = taker
  const { transaction } = state
  return {
    ...{ ...none, title, kind: 'console', sessionId: taker.id },
    statement: lastStatement === null ? null : cut(lastStatement, statementLengthMax),
    transaction: transaction === 'idle' ? 'none' : transaction,
    sinceMs: activeSinceMs,
  }
}

function ofClient(client: SharedClient): WaitParty {
  const { id, processId, state, stateSinceMs, statement } = client
  return {
    ...{ title: cut(client.title, titleLengthMax), kind: 'client', sessionId: null, clientId: id, processId },
    statement: statement === null ? null : cut(statement, statementLengthMax),
    transaction: state.includes('aborted') ? 'failed' : state.includes('transaction') ? 'open' : 'none',
    ...{ isRunning: state === 'active' && client.waitingFor === null, sinceMs: stateSinceMs },
  }
}
