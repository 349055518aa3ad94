/** The worker thread in which the host's parser runs. Nothing but the joint between the two. */

import { parentPort } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { parserContract } from '../../parser/parser-contract.ts'
import { parserHandlers } from '../../parser/parser-handlers.ts'
import { createMessagePort } from '../../rpc/message-port.ts'
import { serveContract } from '../../rpc/rpc-server.ts'

const port = createMessagePort(present(parentPort, 'the port to the host'))
serveContract(parserContract, port, { handlers: parserHandlers })
