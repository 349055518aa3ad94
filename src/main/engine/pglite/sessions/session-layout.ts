/**
 * Where a build of PGlite keeps what Postgres calls the state of a session: byte addresses of its static
 * variables. Found by calibration when a template is made, stored beside it. Knows not how they are found or used.
 */

import { integer, object } from '../../../../contract/schema.ts'

const address = integer(0)

/** Addresses are of 32-bit words unless said otherwise; names are those of PostgreSQL's sources. */
export const sessionLayoutSchema = object({
  /** prepared_queries (commands/prepare.c), a hash table or null. */
  preparedQueries: address,
  /** unnamed_stmt_psrc (tcop/postgres.c). */
  unnamedStatement: address,
  /** seqhashtab and last_used_seq (commands/sequence.c). */
  sequenceTable: address,
  lastUsedSequence: address,
  /** myTempNamespace and myTempToastNamespace (catalog/namespace.c). */
  tempNamespace: address,
  tempToastNamespace: address,
  /** One byte each: the search path must be resolved again, and its cache may be used. */
  searchPathInvalidByte: address,
  searchPathCacheByte: address,
  /** prng_state and prng_seed_set (utils/adt/pseudorandomfuncs.c): 16 bytes, and one byte. */
  randomState: address,
  randomSeededByte: address,
  /** on_commits (commands/tablecmds.c). */
  onCommit: address,
  /** listenChannels (commands/async.c). */
  listenChannels: address,
  /** AuthenticatedUserId (utils/init/miscinit.c); the other user ids lie around it. */
  authenticatedUser: address,
  /** PortalHashTable (utils/mmgr/portalmem.c). */
  portalTable: address,
  /** RelationIdCache (utils/cache/relcache.c). */
  relationTable: address,
  /** guc_hashtab (utils/misc/guc.c). */
  settingTable: address,
  /** ShmemIndex (storage/ipc/shmem.c), the hash table of what lies in shared memory, by name. */
  sharedIndex: address,
  /** MyBEEntry (utils/activity/backend_status.c). */
  statusEntry: address,
  /** LockMethodLocalHash (storage/lmgr/lock.c). */
  localLocks: address,
  /** shared_map (utils/cache/relmapper.c). */
  sharedRelationMap: address,
  /** fmgr_builtins (utils/fmgrtab.c): its first entry. */
  builtinFunctions: address,
  /** before_shmem_exit_index (storage/ipc/ipc.c): how many callbacks wait for the backend's end. */
  exitCallbackCount: address,
  /** From where MyProc points to: the process id in PGPROC and in its latch. */
  processIdOffset: address,
  latchOwnerOffset: address,
})

export type SessionLayout = ReturnType<typeof sessionLayoutSchema.parse>
