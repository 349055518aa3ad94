/** The worker thread in which files of instances are read and written. Nothing but the joint between the two. */

import { parentPort } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { createMessagePort } from '../../rpc/message-port.ts'
import { serveContract } from '../../rpc/rpc-server.ts'
import { snapshotContract } from './snapshot-contract.ts'
import { snapshotHandlers } from './snapshot-handlers.ts'

const port = createMessagePort(present(parentPort, 'the port to the host'))
serveContract(snapshotContract, port, { handlers: snapshotHandlers() })
