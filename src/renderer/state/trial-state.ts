/** The trials of this window: one for each console that has been asked for one, gone with its tab. */

import type { Clock } from '../../base/clock.ts'
import type { Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import type { ConsoleState } from './console-state.ts'
import type { ConsoleTab } from './console-tab.ts'
import { TabTrial } from './tab-trial.ts'

export class TrialState implements Disposable {
  readonly #client: WorkbenchClient
  readonly #clock: Clock
  readonly #trials = new Map<ConsoleTab, TabTrial>()
  readonly #tabs: Disposable
  readonly #didApply = new Emitter<string>()
  /** A script was applied to the instance of that id. */
  readonly onDidApply = this.#didApply.event

  constructor(client: WorkbenchClient, clock: Clock, consoles: ConsoleState) {
    this.#client = client
    this.#clock = clock
    this.#tabs = consoles.tabs.onDidChange(() => this.#keepOnly(consoles.tabs.value))
  }

  of(tab: ConsoleTab): TabTrial {
    const known = this.#trials.get(tab)
    if (known) return known
    const trial = new TabTrial({
      ...{ client: this.#client, clock: this.#clock, tab },
      onDidApply: (instanceId) => this.#didApply.fire(instanceId),
    })
    this.#trials.set(tab, trial)
    return trial
  }

  dispose(): void {
    this.#tabs.dispose()
    for (const trial of this.#trials.values()) trial.dispose()
    this.#trials.clear()
    this.#didApply.dispose()
  }

  #keepOnly(tabs: readonly ConsoleTab[]): void {
    for (const [tab, trial] of this.#trials) {
      if (tabs.includes(tab)) continue
      trial.dispose()
      this.#trials.delete(tab)
    }
  }
}
