/** The worker thread in which the store runs. Nothing but the joint between the two. */

import { parentPort, workerData } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { object, string } from '../../contract/schema.ts'
import { createMessagePort } from '../../rpc/message-port.ts'
import { serveContract } from '../../rpc/rpc-server.ts'
import { storageContract } from './storage-contract.ts'
import { createStorageHandlers } from './storage-handlers.ts'

const { path, suffix } = object({ path: string(4096, 1), suffix: string(64, 1) }).parse(
  workerData,
  'workerData',
)
const port = createMessagePort(present(parentPort, 'the port to the host'))
serveContract(storageContract, port, { handlers: createStorageHandlers(path, suffix) })
