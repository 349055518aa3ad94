/** What a fork is measured against: a thread that opens a directory with PGlite and clones it, as its manual says. */

import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

const { dataDir } = workerData as { dataDir: string }
const pglite = await PGlite.create({ dataDir })
await pglite.query('select 1')
parentPort?.postMessage('opened')
const clone = await pglite.clone()
await clone.query('select count(*) from filler')
parentPort?.postMessage('cloned')
await clone.close()
await pglite.close()
