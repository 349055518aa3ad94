/**
 * The timeouts that a client asks for when it logs in, as far as they are needed before its session has begun. Judges
 * nothing: what the backend refuses it refuses when the session begins.
 */

import type { SessionTimeouts } from '../engine/engine.ts'

/** Of a setting whose own unit is the millisecond (PostgreSQL 18 documentation, section 19.1.1). */
const unitMs: Readonly<Record<string, number>> = {
  ...{ us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
}

/** Those that may pass before a session has begun. */
export type StartUpTimeouts = Omit<SessionTimeouts, 'isTransactionBounded'>

/** Where a name is written in another way than usual, its value is not found, and nothing is bounded. */
export function startUpTimeouts(settings: ReadonlyMap<string, string>): StartUpTimeouts {
  const read = (name: string): number => milliseconds(settings.get(name) ?? '')
  return {
    lockMs: read('lock_timeout'),
    statementMs: read('statement_timeout'),
    idleSessionMs: read('idle_session_timeout'),
  }
}

/** 0 for what is no time. */
function milliseconds(value: string): number {
  const [, number = '0', unit = 'ms'] = /^\s*(\d+(?:\.\d*)?)\s*([a-z]+)?\s*$/.exec(value) ?? []
  return Math.round(Number(number) * (unitMs[unit] ?? 0))
}
