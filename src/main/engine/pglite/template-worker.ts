/**
 * The entry of the thread that makes a template: runs initdb and one clean start and end of Postgres, writes
 * down what the directory must contain to be complete, and makes all of it durable. Runs once per machine and
 * PGlite version.
 */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { present } from '../../../base/assert.ts'
import { toWireError } from '../../../contract/error.ts'
import { measureTree, syncTree } from './file-tree.ts'
import type { TemplateRequest } from './engine-message.ts'
import type { OneShotAnswer } from './one-shot-worker.ts'
import { fileSystemError } from './prepare-directory.ts'

const { home, dataName, manifestName, wasmModule } = workerData as TemplateRequest
const outbox = present(parentPort, 'The port of the parent')
const directory = join(home, dataName)

try {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pglite = await PGlite.create({ dataDir: `file://${directory}`, pgliteWasmModule: wasmModule })
  await pglite.close()
  chmodSync(directory, 0o700)
  writeFileSync(join(home, manifestName), JSON.stringify(measureTree(directory)))
  syncTree(home)
  outbox.postMessage({ error: null, value: null } satisfies OneShotAnswer<null>)
} catch (error) {
  outbox.postMessage({ error: toWireError(fileSystemError(error, home)) } satisfies OneShotAnswer<null>)
}
