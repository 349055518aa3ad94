/**
 * The guard of one instance against what clients of the wire send: seldom enough that a test suite which drops its
 * tables all the time is not held up. Knows no protocol.
 */

import type { Clock } from '../../base/clock.ts'
import type { ComingMessages, WireWatch } from '../session/statement-watch.ts'
import type { HostedInstance } from './hosted-instance.ts'
import type { InstanceSnapshots } from './instance-snapshots.ts'
import type { StatementGuard } from './statement-guard.ts'

interface WireGuardOptions {
  readonly guard: StatementGuard
  readonly instance: HostedInstance
  readonly snapshots: InstanceSnapshots
  readonly clock: Clock
}

class WireGuard implements WireWatch {
  readonly #guard: StatementGuard
  readonly #instance: HostedInstance
  readonly #snapshots: InstanceSnapshots
  readonly #clock: Clock

  constructor({ guard, instance, snapshots, clock }: WireGuardOptions) {
    this.#guard = guard
    this.#instance = instance
    this.#snapshots = snapshots
    this.#clock = clock
  }

  get isDue(): boolean {
    const { id, directory } = this.#instance
    if (directory === null) return false
    const { before, from, distanceMs } = this.#snapshots.knownPolicy(this.#instance)
    if (before === 'nothing' || from === 'console') return false
    return this.#clock.monotonicMs() - this.#guard.lastAtMs(id) >= distanceMs
  }

  get wantsCreate(): boolean {
    return this.#snapshots.knownPolicy(this.#instance).before === 'all'
  }

  async beforeMessages({ texts, title, loan }: ComingMessages): Promise<void> {
    try {
      await this.#guard.protect({
        ...{ instance: this.#instance, texts, who: title, isScript: false, isConsole: false },
        turn: loan ? 'in-transaction' : 'none',
      })
    } finally {
      loan?.dispose()
    }
  }
}

/** A guard for each instance that is served. */
export class WireWatches {
  readonly #options: Omit<WireGuardOptions, 'instance'>

  constructor(options: Omit<WireGuardOptions, 'instance'>) {
    this.#options = options
  }

  watch(instance: HostedInstance): WireWatch {
    return new WireGuard({ ...this.#options, instance })
  }
}
