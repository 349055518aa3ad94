/**
 * The instances that somebody follows, each from when it is first followed until it is deleted. Knows no socket and no
 * query.
 */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import type { LiveReader } from '../endpoints/live-reader.ts'
import type { WireSessionOptions } from '../endpoints/postgres/wire-backend.ts'
import { LiveInstance } from '../live/live-instance.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { InstanceRegistry } from './instance-registry.ts'

export class FollowedInstances implements Disposable {
  readonly #clock: Clock
  readonly #followed = new Map<string, LiveInstance>()
  readonly #deleting: Disposable

  constructor(instances: InstanceRegistry, clock: Clock) {
    this.#clock = clock
    this.#deleting = instances.onWillDelete(({ id }) => {
      this.#followed.get(id)?.dispose()
      this.#followed.delete(id)
    })
  }

  /** Begins no session yet. */
  openReader(instance: HostedInstance, options: WireSessionOptions): LiveReader {
    const { role, settings, isReadOnly = false } = options
    return this.#of(instance).open({ role, settings: [...settings], client: options, isReadOnly })
  }

  dispose(): void {
    this.#deleting.dispose()
    for (const followed of this.#followed.values()) followed.dispose()
    this.#followed.clear()
  }

  #of(instance: HostedInstance): LiveInstance {
    const known = this.#followed.get(instance.id)
    if (known) return known
    const { turns, onDidLoseEngine, onDidChange } = instance
    const followed = new LiveInstance({
      ...{ turns, engines: instance, clock: this.#clock, onDidLoseEngine, onDidChange },
      isRunning: () => instance.isRunning,
      isCurrent: (engine) => instance.runningEngine === engine,
    })
    this.#followed.set(instance.id, followed)
    return followed
  }
}
