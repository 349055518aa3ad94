/** What the template is measured against: a thread that creates a PGlite as its own documentation says. */

import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

const { dataDir } = workerData as { dataDir: string | null }
const pglite = dataDir === null ? await PGlite.create() : await PGlite.create({ dataDir })
await pglite.query('select 1')
parentPort?.postMessage('created')
await pglite.close()
