/** A worker thread that serves the probe contract on its parent's port. */

import { parentPort } from 'node:worker_threads'
import { present } from '../../src/base/assert.ts'
import { createMessagePort } from '../../src/rpc/message-port.ts'
import { serveProbe } from './probe-server.ts'

serveProbe(createMessagePort(present(parentPort, 'the parent port')))
