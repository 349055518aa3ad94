/** The settings of the workbench, the same in every window; a change is shown at once and stored by the host. */

import type { Disposable } from '../../base/disposable.ts'
import type { Settings } from '../../contract/workspace.ts'
import type { WorkbenchClient } from '../client/workbench-client.ts'
import { Store } from './store.ts'

/** Until the host has answered. */
const defaultSettings: Settings = { theme: 'system', rowHeight: 'compact', editorFontSizePx: 13 }

export class SettingsState implements Disposable {
  readonly settings = new Store<Settings>(defaultSettings)
  readonly #client: WorkbenchClient
  readonly #subscription: Disposable

  constructor(client: WorkbenchClient) {
    this.#client = client
    this.#subscription = client.on('settings.didChange', (settings) => this.settings.set(settings))
  }

  async refresh(): Promise<void> {
    this.settings.set(await this.#client.call('settings.get', null))
  }

  /** Changes some settings; back to what they were when they cannot be stored. */
  async change(fields: Partial<Settings>): Promise<void> {
    const before = this.settings.value
    this.settings.patch(fields)
    try {
      await this.#client.call('settings.set', this.settings.value)
    } catch (error) {
      this.settings.set(before)
      throw error
    }
  }

  dispose(): void {
    this.#subscription.dispose()
    this.settings.dispose()
  }
}
