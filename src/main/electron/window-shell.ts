/**
 * What a window's page can ask of the app, and what it was asked to do: the serving end of the shell's contract, one
 * for each window. Requests wait until a page takes them, over crashes and reloads. Knows no window of Electron.
 */

import type { Disposable } from '../../base/disposable.ts'
import {
  shellContract,
  shellRequestsMax,
  type ShellContract,
  type ShellSettings,
} from '../../contract/shell-contract.ts'
import type { ShellRequest } from '../../contract/shell-request.ts'
import type { Handlers } from '../../rpc/handlers.ts'
import type { Port } from '../../rpc/port.ts'
import { serveContract, type ContractServer } from '../../rpc/rpc-server.ts'
import type { EndedRun } from './run-news.ts'

/** Name of the channel on which a page gets its port to the app. */
export const shellPortChannel = 'wardian:shell-port'

export type PathPurpose = 'import' | 'export' | 'directory'

/** What the app does for a window. */
export interface WindowActions {
  keepWorkspace(workspaceId: string): void
  /** Asks for files of SQL, and has those that were chosen opened. */
  openSqlFiles(): Promise<void>
  choosePath(purpose: PathPurpose, suggested: string | null): Promise<string | null>
  didEndRun(run: EndedRun): void
  setJobCount(count: number): void
  readonly settings: ShellSettings
  /** Throws `invalid-argument`. */
  setSettings(settings: ShellSettings): Promise<void>
  /** A handler failed without telling why: a defect. */
  onDefect(error: unknown): void
}

export interface WindowShellOptions {
  readonly actions: WindowActions
  readonly workspaceId: string | null
  readonly notices: readonly string[]
}

export class WindowShell implements Disposable {
  readonly #options: WindowShellOptions
  #workspaceId: string | null
  #requests: ShellRequest[] = []
  #server: ContractServer<ShellContract> | null = null

  constructor(options: WindowShellOptions) {
    this.#options = options
    this.#workspaceId = options.workspaceId
  }

  get workspaceId(): string | null {
    return this.#workspaceId
  }

  /** Serves the page that asks over `port`; there is one at a time. */
  attach(port: Port): void {
    this.#server?.dispose()
    const { actions } = this.#options
    this.#server = serveContract(shellContract, port, {
      handlers: this.#handlers(),
      onDefect: (error) => actions.onDefect(error),
    })
  }

  /** Asks the window to do something; it does when it can. */
  request(request: ShellRequest): void {
    this.#requests = [...this.#requests, request].slice(-shellRequestsMax)
    this.#server?.emit('shell.didGetRequests', null)
  }

  /** The page has ended; what it waited for is nobody's any more. */
  didLosePage(): void {
    this.#options.actions.setJobCount(0)
  }

  dispose(): void {
    this.#server?.dispose()
    this.#server = null
    this.didLosePage()
  }

  #handlers(): Handlers<ShellContract> {
    const { actions, notices } = this.#options
    const done = null
    return {
      'shell.describe': () => Promise.resolve({ workspaceId: this.#workspaceId, notices }),
      'shell.keepWorkspace': ({ workspaceId }) => {
        this.#workspaceId = workspaceId
        actions.keepWorkspace(workspaceId)
        return Promise.resolve(done)
      },
      'shell.takeRequests': () => {
        const taken = this.#requests
        this.#requests = []
        return Promise.resolve(taken)
      },
      'shell.openSqlFiles': async () => {
        await actions.openSqlFiles()
        return done
      },
      'shell.choosePath': ({ purpose, suggested }) => actions.choosePath(purpose, suggested ?? null),
      'shell.didEndRun': (run) => {
        actions.didEndRun(run)
        return Promise.resolve(done)
      },
      'shell.setJobCount': ({ count }) => {
        actions.setJobCount(count)
        return Promise.resolve(done)
      },
      'shell.getSettings': () => Promise.resolve(actions.settings),
      'shell.setSettings': async (settings) => {
        await actions.setSettings(settings)
        return done
      },
    }
  }
}
