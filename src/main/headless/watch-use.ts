/**
 * Tells when nobody uses a served workbench any more: no window, no command, and no endpoint that other programs could
 * come through. For one that was started in the background, where nobody would end it.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { workbenchContract } from '../../contract/workbench-contract.ts'
import { createMemoryPorts } from '../../rpc/memory-port.ts'
import { clientPortLimits } from '../../rpc/message-codec.ts'
import { connectContract } from '../../rpc/rpc-client.ts'
import type { Serving } from './serve.ts'

/** A window that is loaded again, or a browser that is started again, is back within seconds. */
export const unusedMs = 120_000

const lookMs = 10_000

export interface WatchUseOptions {
  readonly clock: Clock
  /** Called once at most. */
  onUnused(): void
}

/** Looks until it is disposed, or has found it unused for `unusedMs`. */
export function watchUse(
  serving: Pick<Serving, 'attach' | 'clientCount'>,
  options: WatchUseOptions,
): Disposable {
  const { clock, onUnused } = options
  const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
  serving.attach(hostPort)
  const client = connectContract(workbenchContract, clientPort)
  let usedAtMs = clock.monotonicMs()
  let timer = clock.after(lookMs, look)
  let isDisposed = false
  const dispose = (): void => {
    isDisposed = true
    timer.dispose()
    client.dispose()
  }

  async function isUsed(): Promise<boolean> {
    if (serving.clientCount > 0) return true
    const endpoints = await client.call('endpoint.list', null)
    return endpoints.some(({ state }) => state === 'listening')
  }

  function look(): void {
    // A host that cannot answer is busy, or is being stopped.
    void isUsed()
      .catch(() => true)
      .then(decide)
  }

  function decide(isInUse: boolean): void {
    if (isDisposed) return
    const nowMs = clock.monotonicMs()
    if (isInUse) usedAtMs = nowMs
    if (nowMs - usedAtMs < unusedMs) {
      timer = clock.after(lookMs, look)
      return
    }
    dispose()
    onUnused()
  }

  return { dispose }
}
