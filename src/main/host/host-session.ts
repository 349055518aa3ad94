/**
 * A session of the host's own on an instance, for a few statements: it waits its turn like everybody. Knows none of
 * the statements.
 */

import type { Clock } from '../../base/clock.ts'
import { Session } from '../session/session.ts'
import { SessionQueries } from '../session/session-query.ts'
import type { HostedInstance } from './hosted-instance.ts'

export interface HostSessionOptions {
  readonly clock: Clock
  /** What others are told who wait for it. */
  readonly title: string
}

/** Runs `work` with it, and closes it. Starts the instance if it does not run. */
export async function withHostSession<T>(
  instance: HostedInstance,
  { clock, title }: HostSessionOptions,
  work: (queries: SessionQueries) => Promise<T>,
): Promise<T> {
  const session = new Session({
    ...{ id: `host-${instance.id}`, instanceId: instance.id, title, clock },
    ...{ turns: instance.turns, engines: instance },
  })
  try {
    return await work(new SessionQueries(session))
  } finally {
    await session.close()
  }
}
