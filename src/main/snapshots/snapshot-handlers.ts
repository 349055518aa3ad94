/** The rows of the thread's contract as functions of the modules beside it, each store for one of them at a time. */

import type { Handlers } from '../../rpc/handlers.ts'
import { completeFiles, copyFiles, syncFiles } from './copy-files.ts'
import type { SnapshotContract } from './snapshot-contract.ts'
import { StoreShelf } from './store-shelf.ts'
import { checkImage, writeImage } from './write-image.ts'

export function snapshotHandlers(): Handlers<SnapshotContract> {
  const shelf = new StoreShelf()
  return {
    'files.copy': (params, { signal }) => copyFiles(params, signal),
    'files.complete': async ({ directory }) => done(completeFiles(directory)),
    'files.sync': ({ directory }) => done(syncFiles(directory)),

    'store.list': ({ store }) => shelf.use(store, async (it) => it.list()),
    'store.take': ({ store, ...request }, { signal }) =>
      shelf.stream(store, (it) => it.take(request, signal)),
    'store.label': ({ store, id, label }) => shelf.use(store, async (it) => it.label(id, label)),
    'store.remove': ({ store, ids }) => shelf.use(store, async (it) => done(it.remove(ids))),
    'store.prune': ({ store, budgetBytes }) =>
      shelf.use(store, async (it) => ({ removed: it.prune(budgetBytes) })),
    'store.restore': ({ store, id, to }, { signal }) =>
      shelf.stream(store, (it) => writeImage(to, { ...it.source(id), signal })),
    'store.verify': ({ store, id }, { signal }) =>
      shelf.stream(store, (it) => checkImage({ ...it.source(id), signal })),
  }
}

/** For rows that answer nothing. */
async function done(work: Promise<unknown> | void): Promise<null> {
  await work
  return null
}
