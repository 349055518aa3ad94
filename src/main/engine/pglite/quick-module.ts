/**
 * PGlite's module as the engine asks it for every message: the module itself has ten thousand properties, kept in a
 * table in which each look takes V8 as long as a small function of Postgres. Knows what is looked for, and calls
 * nothing.
 */

import type { PgliteModule } from './pglite-module.ts'

/** All that stays what it is for as long as Postgres runs: everything but the view of its memory. */
const constants = [
  ...(['FS', 'NODEFS', 'MEMFS', 'FS_createDataFile', 'addFunction', 'UTF8ToString'] as const),
  ...(['stringToUTF8OnStack', 'stackSave', 'stackRestore', '_InterruptPending'] as const),
  ...(['_QueryCancelPending', '_CacheRegisterSyscacheCallback', '_CacheRegisterRelcacheCallback'] as const),
  ...(['_pgl_set_rw_cbs', '_pgl_set_popen_fn', '_PostgresMainLoopOnce', '_PostgresMainLongJmp'] as const),
  ...(['_PostgresSendReadyForQueryIfNecessary', '_pgl_pq_flush', '_GetConfigOptionByName'] as const),
  ...([
    '_RegisterXactCallback',
    '_errstart',
    '_errcode',
    '_errmsg_internal',
    '_errdetail_internal',
    '_errhint',
    '_errfinish',
  ] as const),
  ...(['_MyProc', '_MyProcPid', '_getpid', '_MyProcPort', '_MyDatabaseId', '_GetCurrentTimestamp'] as const),
  ...(['_GetUserId', '_superuser', '_superuser_arg', '_has_privs_of_role'] as const),
  ...(['_procsignal_sigusr1_handler', '_sigaction', '_IsTransactionState'] as const),
  ...(['_AbortCurrentTransaction', '_StartTransactionCommand', '_CommitTransactionCommand'] as const),
  ...(['_LockRelease', '_TopMemoryContext', '_MemoryContextAlloc', '_palloc'] as const),
  ...(['_construct_array_builtin', '_pfree', '_malloc', '_free', '_pgl_shmat'] as const),
  ...(['_guc_malloc', '_guc_free', '_hash_seq_init', '_hash_seq_search', '_hash_create'] as const),
  ...(['_hash_search', '_hash_get_num_entries', '_hash_destroy', '_before_shmem_exit'] as const),
  ...(['_cancel_before_shmem_exit', '_SetConfigOption', '_EvictAllUnpinnedBuffers'] as const),
  '_pq_buffer_remaining_data',
] as const satisfies readonly (keyof PgliteModule)[]

/** The same functions, addresses and memory as `module`'s, which has started. */
export function quickModule(module: PgliteModule): PgliteModule {
  let heap = module.HEAPU8
  const copied = Object.fromEntries(constants.map((name) => [name, module[name]]))
  return {
    ...(copied as Pick<PgliteModule, (typeof constants)[number]>),
    get HEAPU8() {
      // Growing detaches the buffer that was there.
      if (heap.length === 0) heap = module.HEAPU8
      return heap
    },
  }
}
