/**
 * A host whose answers a test writes: it serves the real contract over real ports, without an engine. For what
 * shells and commands do with answers that a real host gives only on a bad day.
 */

import { WorkbenchError } from '../../src/contract/error.ts'
import { workbenchContract, type WorkbenchContract } from '../../src/contract/workbench-contract.ts'
import type { HostOptions } from '../../src/main/host/host-options.ts'
import type { WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import type { Handlers } from '../../src/rpc/handlers.ts'
import { serveContract } from '../../src/rpc/rpc-server.ts'

export class ScriptedHost implements WorkbenchHost {
  readonly dataDirectory: string
  /** What happened to it, in order. */
  readonly events: string[] = []
  readonly operations = {
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    metricsToken: () => Promise.resolve('a token that nobody has'),
    unreadiness: () => Promise.resolve(null),
  }
  readonly #handlers: Handlers<WorkbenchContract>

  constructor(options: HostOptions, handlers: Partial<Handlers<WorkbenchContract>>) {
    this.dataDirectory = options.dataDirectory
    const refuse = (): never => {
      throw new WorkbenchError('unsupported', 'The test has no answer to this')
    }
    const names = Object.keys(workbenchContract)
    const refusals = Object.fromEntries(names.map((name) => [name, refuse]))
    this.#handlers = { ...refusals, ...handlers } as Handlers<WorkbenchContract>
  }

  didListen(): void {
    // Nobody counts what it moves.
  }

  wireServer(): null {
    return null
  }

  followable(): null {
    return null
  }

  attach(port: Parameters<WorkbenchHost['attach']>[0]): ReturnType<WorkbenchHost['attach']> {
    this.events.push('attach')
    return serveContract(workbenchContract, port, {
      handlers: this.#handlers,
      onDefect: (error, name) => void this.events.push(`defect in ${name}: ${String(error)}`),
    })
  }

  publishEndpoint(endpoint: string | null): Promise<void> {
    this.events.push(`publish ${endpoint ?? 'nothing'}`)
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.events.push('stop')
    return Promise.resolve()
  }
}
