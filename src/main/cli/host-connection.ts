/**
 * A command's way to a host: the one that runs on the data directory, else one of its own for as long as the
 * command takes. Commands see a client of the contract and no difference.
 */

import type { Clock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { workbenchContract, type WorkbenchContract } from '../../contract/workbench-contract.ts'
import { createMemoryPorts } from '../../rpc/memory-port.ts'
import { clientPortLimits } from '../../rpc/message-codec.ts'
import type { Port } from '../../rpc/port.ts'
import { connectContract, type ContractClient } from '../../rpc/rpc-client.ts'
import { connectToHost } from '../endpoints/endpoint-client.ts'
import { parseHostAddress } from '../endpoints/host-address.ts'
import type { HostLog } from '../host/host-options.ts'
import { serve } from '../headless/serve.ts'
import type { StartHost } from '../headless/start-host.ts'
import type { WorkbenchHost } from '../host/workbench-host.ts'
import { readHolder } from '../storage/directory-lock.ts'

export type WorkbenchClient = ContractClient<WorkbenchContract>

export interface HostConnection {
  readonly client: WorkbenchClient
  /** Whether the host was there before the command, and stays. */
  readonly isForeign: boolean
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly startHost: StartHost
  readonly dataDirectory: string
  readonly clock: Clock
  readonly log: HostLog
  /** The command stays, so that a host of its own is to serve other commands meanwhile: what they call it. */
  readonly sharedAs?: string | undefined
}

/** A host that has the lock publishes its address within this; its first start may have to recover first. */
const publishWaitMs = 10_000
const publishPollMs = 100

/** Throws `in-use` when a host holds the directory that cannot be reached. */
export async function openConnection(options: ConnectionOptions): Promise<HostConnection> {
  const deadlineMs = options.clock.monotonicMs() + publishWaitMs
  for (;;) {
    const running = await connectToRunning(options.dataDirectory)
    if (running) return running
    try {
      return await startOwn(options)
    } catch (error) {
      const isHeld = error instanceof WorkbenchError && error.code === 'in-use'
      if (!isHeld || options.clock.monotonicMs() > deadlineMs) throw error
      // It took the directory a moment ago, and has not said yet where it can be reached.
      await new Promise<void>((resolve) => void options.clock.after(publishPollMs, resolve))
    }
  }
}

type OwnHost = Pick<WorkbenchHost, 'attach' | 'stop'>

function startAlone({ startHost, dataDirectory, clock, log }: ConnectionOptions): Promise<OwnHost> {
  return startHost({ dataDirectory, shell: 'command', clock, log })
}

function startShared(options: ConnectionOptions, program: string): Promise<OwnHost> {
  const { startHost, dataDirectory, clock, log } = options
  const common = { startHost, dataDirectory, program, clock, log }
  return serve({ ...common, shell: 'command', port: 0, token: null, pageFolder: null })
}

/** Null when no host runs there, or one that has died or hangs: then the lock tells. */
export async function connectToRunning(dataDirectory: string): Promise<HostConnection | null> {
  const holder = await readHolder(dataDirectory)
  if (!holder?.endpoint) return null
  let port: Port
  try {
    port = await connectToHost(parseHostAddress(holder.endpoint))
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === 'disconnected') return null
    throw error
  }
  const client = connectContract(workbenchContract, port)
  return { client, isForeign: true, close: () => Promise.resolve(client.dispose()) }
}

async function startOwn(options: ConnectionOptions): Promise<HostConnection> {
  const host = await (options.sharedAs ? startShared(options, options.sharedAs) : startAlone(options))
  const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
  host.attach(hostPort)
  const client = connectContract(workbenchContract, clientPort)
  const close = async (): Promise<void> => {
    client.dispose()
    await host.stop()
  }
  return { client, isForeign: false, close }
}
