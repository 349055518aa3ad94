/**
 * The part of PGlite's Emscripten module that the engine drives. Most of it is not public API of PGlite: the
 * names are those of 0.5.16's exports, and the package's version is pinned for that reason.
 */

/** A file or directory of Emscripten's virtual file system. */
export interface WasmFileNode {
  readonly mode: number
  node_ops: WasmNodeOperations
}

/** What is asked of a node that is a directory. */
export interface WasmNodeOperations {
  /** Of an entry that has not been looked up before; throws ErrnoError where there is none. */
  readonly lookup: (parent: WasmFileNode, name: string) => WasmFileNode
  readonly readdir: (node: WasmFileNode) => readonly string[]
}

/** Where a path leads. */
export interface WasmPathLookup {
  readonly node: WasmFileNode
}

export interface WasmFileStream {
  readonly node: WasmFileNode
  /** Node's descriptor; absent for directories. */
  readonly nfd?: number
  readonly stream_ops: { readonly fsync?: (stream: WasmFileStream) => void }
}

/** Emscripten's FS, as far as a data directory needs it. */
export interface WasmFileSystem {
  readonly ErrnoError: new (errno: number) => Error
  mkdirTree(path: string, mode?: number): void
  analyzePath(path: string): { readonly exists: boolean }
  lookupPath(path: string): WasmPathLookup
  readdir(path: string): readonly string[]
  stat(path: string): { readonly mode: number; readonly size: number }
  open(path: string, flags: 'r' | 'w'): WasmFileStream
  /** Answers how many bytes it has read into `target` from `offset` on, from `position` of the file. */
  read(stream: WasmFileStream, target: Uint8Array, offset: number, length: number, position: number): number
  /** As `read`, the other way. */
  write(stream: WasmFileStream, source: Uint8Array, offset: number, length: number, position: number): number
  close(stream: WasmFileStream): void
  rename(from: string, to: string): void
  unlink(path: string): void
  mount(type: NodeFileSystemType, options: { root: string }, mountPoint: string): void
  /** Closes all files. */
  quit(): void
}

/** Emscripten's file system over Node's. */
export interface NodeFileSystemType {
  readonly stream_ops: { fsync?: (stream: WasmFileStream) => void }
  /** Makes a file or a directory, as `mode` says (sys/stat.h). */
  readonly node_ops: {
    mknod(parent: WasmFileNode, name: string, mode: number, device: number): WasmFileNode
    setattr(node: WasmFileNode, attributes: { readonly mode?: number }): void
  }
  realPath(node: WasmFileNode): string
}

/** A file in Emscripten's memory: `contents` may be longer than what is used. */
export interface MemoryFileNode {
  contents: Uint8Array
  usedBytes: number
}

/** Emscripten's file system in memory. */
export interface MemoryFileSystemType {
  /** Makes an entry of a directory; `mode` says of which kind (sys/stat.h). */
  createNode(parent: WasmFileNode, name: string, mode: number, device: number): WasmFileNode & MemoryFileNode
  /** Sets a file's size; bytes that it gains are zero. */
  resizeFileStorage(node: MemoryFileNode, bytes: number): void
  /** Makes room for a file of that size. */
  expandFileStorage(node: MemoryFileNode, bytes: number): void
}

/** WebAssembly.Table, which Node's types lack. */
export interface FunctionTable {
  get(index: number): ((...parameters: readonly number[]) => unknown) | null
}

/** Addresses are byte offsets into HEAPU8, whose buffer is replaced when memory grows. */
export interface PgliteModule {
  readonly HEAPU8: Uint8Array
  readonly FS: WasmFileSystem
  readonly NODEFS: NodeFileSystemType
  readonly MEMFS: MemoryFileSystemType
  /** Puts a file in place that comes with the program, once for each, before Postgres starts. */
  FS_createDataFile(path: string, name: null, data: Uint8Array): void
  /** Address of the flag that Postgres reads at every CHECK_FOR_INTERRUPTS (miscadmin.h). */
  readonly _InterruptPending: number
  /** Address of the flag that turns an interrupt into 57014 (miscadmin.h). */
  readonly _QueryCancelPending: number
  addFunction(callback: (...parameters: number[]) => number, signature: string): number
  /** Calls a function whenever entries of a cache may have changed (utils/inval.h). */
  _CacheRegisterSyscacheCallback(cache: number, callback: number, argument: number): void
  /** As above, of relations, by a function of an argument and of the relation's oid. */
  _CacheRegisterRelcacheCallback(callback: number, argument: number): void
  /** Calls a function of an XactEvent and of the argument whenever a transaction commits or aborts (access/xact.h). */
  _RegisterXactCallback(callback: number, argument: number): void
  UTF8ToString(pointer: number): string
  stringToUTF8OnStack(text: string): number
  stackSave(): number
  stackRestore(pointer: number): void
  /** Replaces how the backend reads from and writes to its client. */
  _pgl_set_rw_cbs(read: number, write: number): void
  /** Replaces popen(): takes a function of two C strings that answers a stream. */
  _pgl_set_popen_fn(popen: number): void
  /** Handles one frontend message. Throws ExitStatus 100 where Postgres would jump back to its main loop. */
  _PostgresMainLoopOnce(): void
  /** What Postgres does after that jump: report the error, abort the transaction. */
  _PostgresMainLongJmp(): void
  _PostgresSendReadyForQueryIfNecessary(): void
  _pgl_pq_flush(): void
  /** A setting's value as SHOW has it, as a C string to be freed with pfree (guc_funcs.c). */
  _GetConfigOptionByName(name: number, canonicalName: number, missingOk: number): number
  /** Begins, fills and raises an error (elog.c); the last one does not return. */
  _errstart(level: number, domain: number): number
  _errcode(sqlState: number): number
  _errmsg_internal(format: number, variableArguments: number): number
  _errdetail_internal(format: number, variableArguments: number): number
  _errhint(format: number, variableArguments: number): number
  _errfinish(file: number, line: number, routine: number): void
  /** Addresses of the globals that hold this backend's PGPROC and process id (miscadmin.h, storage/proc.h). */
  readonly _MyProc: number
  readonly _MyProcPid: number
  /** What Emscripten's C library believes this process to be. */
  _getpid(): number
  /** Address of the global that holds this backend's Port (libpq/libpq-be.h); 0 in it for none. */
  readonly _MyProcPort: number
  /** Address of the oid of this backend's database (miscadmin.h). */
  readonly _MyDatabaseId: number
  /** Microseconds since 2000 (utils/timestamp.h). */
  _GetCurrentTimestamp(): bigint
  /** Who is current, and what roles may (miscadmin.h, utils/acl.h); only inside of a transaction. */
  _GetUserId(): number
  _superuser(): number
  _superuser_arg(role: number): number
  _has_privs_of_role(member: number, role: number): number
  /** Handles what another process, or this one, asks of it (storage/procsignal.h). */
  _procsignal_sigusr1_handler(signal: number): number
  _sigaction(signal: number, action: number, before: number): number
  /** Whether a transaction is in progress, and its end without a trace (access/xact.h). */
  _IsTransactionState(): number
  _AbortCurrentTransaction(): void
  /** Around what needs a transaction and is no statement (access/xact.h). Throw on errors. */
  _StartTransactionCommand(): void
  _CommitTransactionCommand(): void
  /** Gives back a lock once: a LOCKTAG, its mode, and whether it is the session's (storage/lock.h). */
  _LockRelease(tag: number, mode: number, ofSession: number): number
  /** Address of the context that lives as long as the backend (utils/memutils.h). */
  readonly _TopMemoryContext: number
  _MemoryContextAlloc(context: number, bytes: number): number
  _palloc(bytes: number): number
  /** An array of a built-in type by its elements' Datums and their type's oid (utils/array.h). */
  _construct_array_builtin(elements: number, count: number, type: number): number
  _pfree(pointer: number): void
  _malloc(bytes: number): number
  _free(pointer: number): void
  /** Where a segment of shared memory lies, -1 if there is none (pglitec.c). */
  _pgl_shmat(segment: number, address: number, flags: number): number
  /** Memory of settings' values (guc.c). */
  _guc_malloc(level: number, bytes: number): number
  _guc_free(pointer: number): void
  /** Begins and continues a walk through a hash table (dynahash.c); 0 at its end. */
  _hash_seq_init(scan: number, table: number): void
  _hash_seq_search(scan: number): number
  _hash_create(name: number, elementsMax: number, control: number, flags: number): number
  /** Finds, makes or removes an entry by the address of its key; answers it, or 0 (dynahash.c). */
  _hash_search(table: number, key: number, action: number, found: number): number
  _hash_get_num_entries(table: number): number
  _hash_destroy(table: number): void
  /** Registers and takes back a callback for the end of the backend (ipc.c). */
  _before_shmem_exit(callback: number, argument: number): void
  _cancel_before_shmem_exit(callback: number, argument: number): void
  /** Sets a setting (guc.c): its name and value as C strings, a GucContext and a GucSource. Throws on errors. */
  _SetConfigOption(name: number, value: number, context: number, source: number): void
  /**
   * Writes all buffers that have changed, and forgets them; needs a transaction (storage/bufmgr.h). Takes addresses of
   * counts.
   */
  _EvictAllUnpinnedBuffers(evicted: number, flushed: number, skipped: number): void
  /** Bytes that the backend has read and not yet handled. */
  _pq_buffer_remaining_data(): number
}
