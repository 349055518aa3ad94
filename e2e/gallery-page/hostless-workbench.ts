/** Windows without a host, for widgets that ask for the window's state. */

import { WorkbenchError } from '../../src/contract/error.ts'
import { WorkbenchClient, type ConnectionStatus } from '../../src/renderer/client/workbench-client.ts'
import { Workbench } from '../../src/renderer/state/workbench.ts'

const memory = { read: () => null, write: () => undefined }
const offline = { open: () => Promise.reject(new WorkbenchError('unauthorized', 'The gallery has no host')) }

export function hostlessClient(): WorkbenchClient {
  return new WorkbenchClient(offline)
}

/** Its connection is in the state given, and stays so. */
export function hostlessWorkbench(connection?: ConnectionStatus): Workbench {
  const workbench = new Workbench(hostlessClient(), memory)
  if (connection) workbench.connection.set(connection)
  return workbench
}
