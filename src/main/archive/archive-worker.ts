/** The worker thread in which instances are packed and unpacked. Nothing but the joint between the two. */

import { parentPort } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { createMessagePort } from '../../rpc/message-port.ts'
import { serveContract } from '../../rpc/rpc-server.ts'
import { archiveContract } from './archive-contract.ts'
import { archiveHandlers } from './archive-handlers.ts'

const port = createMessagePort(present(parentPort, 'the port to the host'))
serveContract(archiveContract, port, { handlers: archiveHandlers() })
