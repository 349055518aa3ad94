/**
 * The desktop app around this window, if there is one: what it asks the window to do, and what it can be asked. In a
 * served page nothing is there, and every question has the answer that fits that. Knows no dialog.
 */

import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/event.ts'
import type { ParamsOf } from '../../contract/contract-table.ts'
import type { ShellContract, ShellSettings } from '../../contract/shell-contract.ts'
import type { ShellRequest } from '../../contract/shell-request.ts'
import type { ContractClient } from '../../rpc/rpc-client.ts'
import { Store } from './store.ts'

export type PathPurpose = ParamsOf<ShellContract['shell.choosePath']>['purpose']
export type EndedRun = ParamsOf<ShellContract['shell.didEndRun']>

/** A file or directory that lies ready in the dialog that would take it in. */
export interface OfferedPath {
  readonly kind: 'import' | 'open-directory'
  readonly path: string
}

/** What the preload script can tell of a dropped file: where it lies, or nothing. */
export type PathOf = (file: object) => string

export class ShellState implements Disposable {
  /** What was dropped on the window, or opened with it, and is to be taken in. */
  readonly offered = new Store<OfferedPath | null>(null)
  readonly isAskingSettings = new Store(false)
  readonly #didRequest = new Emitter<ShellRequest>()
  /** The app asks the window to do something. */
  readonly onDidRequest = this.#didRequest.event
  readonly #parts = new DisposableStore()
  #client: ContractClient<ShellContract> | null = null
  #pathOf: PathOf = () => ''
  #isListening = false

  /** Once, before the window is shown; `client` is null where the app did not answer. */
  join(client: ContractClient<ShellContract> | null, pathOf: PathOf): void {
    this.#client = client
    this.#pathOf = pathOf
    if (client) this.#parts.add(client.on('shell.didGetRequests', () => void this.#take()))
  }

  get isThere(): boolean {
    return this.#client !== null
  }

  /** Which tabs this window had when the app was closed, and what is to be known of this start. */
  async describe(): Promise<{ readonly workspaceId: string | null; readonly notices: readonly string[] }> {
    return (await this.#client?.call('shell.describe', null)) ?? { workspaceId: null, notices: [] }
  }

  keepWorkspace(workspaceId: string): void {
    this.#tell(this.#client?.call('shell.keepWorkspace', { workspaceId }))
  }

  /** From now on, and for what has come before. */
  async listen(): Promise<void> {
    this.#isListening = true
    await this.#take()
  }

  /** The system's dialog for files of SQL; false where there is none. */
  async openSqlFiles(): Promise<boolean> {
    await this.#client?.call('shell.openSqlFiles', null)
    return this.isThere
  }

  /** null: nothing was chosen, or there is nothing to choose with. */
  async choosePath(purpose: PathPurpose, suggested: string): Promise<string | null> {
    const params = suggested === '' ? { purpose } : { purpose, suggested }
    return (await this.#client?.call('shell.choosePath', params)) ?? null
  }

  /** Empty where nobody tells. */
  pathOf(file: object): string {
    return this.#pathOf(file)
  }

  didEndRun(run: EndedRun): void {
    this.#tell(this.#client?.call('shell.didEndRun', run))
  }

  setJobCount(count: number): void {
    this.#tell(this.#client?.call('shell.setJobCount', { count }))
  }

  /** null in a served page. */
  async settings(): Promise<ShellSettings | null> {
    return (await this.#client?.call('shell.getSettings', null)) ?? null
  }

  async setSettings(settings: ShellSettings): Promise<void> {
    await this.#client?.call('shell.setSettings', settings)
  }

  dispose(): void {
    this.#parts.dispose()
    this.#client?.dispose()
    this.#didRequest.dispose()
    this.offered.dispose()
    this.isAskingSettings.dispose()
  }

  async #take(): Promise<void> {
    if (!this.#isListening || !this.#client) return
    const requests = await this.#client.call('shell.takeRequests', null)
    for (const request of requests) this.#didRequest.fire(request)
  }

  /** Nothing that the user waits for: an app that is about to end does not answer. */
  #tell(call: Promise<unknown> | undefined): void {
    call?.catch(() => undefined)
  }
}
