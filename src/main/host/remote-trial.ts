/** Connects to a server once, to tell what answers there and how long that takes. Keeps nothing. */

import type { Clock } from '../../base/clock.ts'
import type { RemoteTrial } from '../../contract/remote-calls.ts'
import type { RemoteConnection } from '../../contract/remote-server.ts'
import type { ServerLogin } from '../engine/postgres/open-socket.ts'
import { PostgresServer, type ServerFacts } from '../engine/postgres/postgres-server.ts'
import type { StatementRunner } from '../session/statement-execution.ts'
import { textsOf } from './statement-texts.ts'

export interface TrialOptions {
  readonly clock: Clock
  /** Ends it at once. */
  readonly signal: AbortSignal
}

/** Throws what connecting throws. */
export async function tryServer(login: ServerLogin, { clock, signal }: TrialOptions): Promise<RemoteTrial> {
  let facts: ServerFacts = { version: null, encryption: null }
  const server = new PostgresServer({ login, clock, onConnected: (found) => (facts = found) })
  try {
    const startedMs = clock.monotonicMs()
    const session = await server.openSession({ settings: [] }, signal)
    const connectMs = clock.monotonicMs() - startedMs
    const product = await productOf(session)
    const askedMs = clock.monotonicMs()
    await textsOf(session, '')
    const roundTripMs = clock.monotonicMs() - askedMs
    const { version: serverVersion, encryption } = facts
    const isVerified = encryption !== null && verifies(login.connection)
    return { serverVersion, product, connectMs, roundTripMs, encryption, isVerified }
  } finally {
    server.close()
  }
}

/** What `version()` says before the first number: `PostgreSQL`, `CockroachDB CCL`. */
export async function productOf(session: StatementRunner): Promise<string> {
  const [version] = await textsOf(session, 'SELECT version()')
  const [words = ''] = version?.split(/ v?\d/) ?? []
  return words === '' ? 'PostgreSQL' : words.slice(0, 64)
}

function verifies({ tlsMode, caFile }: RemoteConnection): boolean {
  return tlsMode === 'verify-ca' || tlsMode === 'verify-full' || (tlsMode === 'require' && caFile !== null)
}
