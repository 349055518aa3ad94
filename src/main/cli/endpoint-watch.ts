/** When a command that keeps an endpoint on may stop waiting: it was stopped elsewhere, or its host has ended. */

import type { WorkbenchClient } from './host-connection.ts'

export interface EndpointWatch {
  readonly promise: Promise<void>
  readonly isHostGone: boolean
  /** From now on it listens, whoever has started it. */
  begin(): void
  dispose(): void
}

export function watchEndpoint(
  client: WorkbenchClient,
  event: 'endpoint.didChange' | 'web.didChange',
): EndpointWatch {
  const { promise, resolve: settle } = Promise.withResolvers<void>()
  let hasStarted = false
  let isHostGone = false
  const changes = client.on(event, ({ state }) => {
    hasStarted ||= state === 'listening'
    if (hasStarted && state === 'off') settle()
  })
  const closing = client.onDidClose(() => {
    isHostGone = true
    settle()
  })
  return {
    promise,
    get isHostGone() {
      return isHostGone
    },
    begin() {
      hasStarted = true
    },
    dispose() {
      changes.dispose()
      closing.dispose()
    },
  }
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((settle) => signal.addEventListener('abort', () => settle(), { once: true }))
}
