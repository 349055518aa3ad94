/**
 * The entry of the thread that makes a template: runs initdb and one clean start and end of Postgres, leaves out
 * what Postgres makes itself, packs the directory into an image, writes down what it contains, and makes both
 * durable. Runs once per machine and PGlite version.
 */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { present } from '../../../base/assert.ts'
import { toWireError } from '../../../contract/error.ts'
import { fileSystemError } from './check-directory.ts'
import { syncTree } from './file-tree.ts'
import type { TemplateRequest } from './engine-message.ts'
import type { OneShotAnswer } from './one-shot-worker.ts'
import { writeImage } from './write-image.ts'

const { home, imageName, manifestName, wasmModule } = workerData as TemplateRequest
const outbox = present(parentPort, 'The port of the parent')
const directory = join(home, 'data')

/**
 * Files that Postgres does without and makes again when it needs them, a quarter of all: maps of free space and of
 * visibility (PostgreSQL 18 documentation, sections 66.3 and 66.4), of which small catalogs have little use, and
 * caches of catalogs, which each start removes (RelationCacheInitFileRemove).
 */
const dispensable = /^(\d+_(fsm|vm)|pg_internal\.init)$/

try {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pglite = await PGlite.create({
    dataDir: `file://${directory}`,
    pgliteWasmModule: wasmModule,
    startParams: [...PGlite.defaultStartParams, '-c', 'wal_recycle=off'],
  })
  // Leaves one segment of the log, which is nearly all zeros: what initdb has logged is checkpointed and removed.
  await pglite.exec('select pg_switch_wal(); checkpoint')
  await pglite.close()
  removeDispensable()
  const contents = writeImage(directory, join(home, imageName))
  rmSync(directory, { recursive: true })
  writeFileSync(join(home, manifestName), JSON.stringify(contents))
  syncTree(home)
  outbox.postMessage({ error: null, value: null } satisfies OneShotAnswer<null>)
} catch (error) {
  outbox.postMessage({ error: toWireError(fileSystemError(error, home)) } satisfies OneShotAnswer<null>)
}

function removeDispensable(): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && dispensable.test(entry.name)) rmSync(join(entry.parentPath, entry.name))
  }
}
