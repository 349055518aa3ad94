/** Instances for tests of the wire endpoint, made as a client of the host makes them. */

import { workbenchContract } from '../../src/contract/workbench-contract.ts'
import type { WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { createMemoryPorts } from '../../src/rpc/memory-port.ts'
import { clientPortLimits } from '../../src/rpc/message-codec.ts'
import { connectContract } from '../../src/rpc/rpc-client.ts'

/** Creates an empty instance in memory. */
export async function memoryWorkbench(host: WorkbenchHost, name: string): Promise<void> {
  const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
  host.attach(hostPort)
  const client = connectContract(workbenchContract, clientPort)
  try {
    await client.call('instance.create', { name, storage: 'memory', withSample: false })
  } finally {
    client.dispose()
  }
}
