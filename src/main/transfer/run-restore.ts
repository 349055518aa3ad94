/**
 * A restore in one transaction: all of a script, or nothing of it. Knows no instance.
 */

import { WorkbenchError } from '../../contract/error.ts'
import type { TransferProgress } from '../../contract/transfer.ts'
import type { LinkClient } from './link-client.ts'
import type { ProgressTeller } from './progress-stream.ts'
import { restoreScript, type ScriptCounts } from './script-restore.ts'

export interface RunRestoreOptions {
  readonly client: LinkClient
  readonly source: AsyncIterable<Uint8Array>
  readonly bytesTotal: number | null
  readonly noOwner: boolean
  readonly noPrivileges: boolean
  /** The planner is told of the rows at the end; in an instance nobody else does. */
  readonly analyzes: boolean
  readonly signal: AbortSignal
  readonly tell: ProgressTeller
  /** Runs within the transaction, before it is committed; what it throws rolls it back. */
  verify?(advance: (change: Partial<TransferProgress>) => void): Promise<void>
}

/** Every archive of pg_dump's begins with one of them (bin/pg_dump/pg_backup_archiver.c; ustar for tar). */
const archiveMagic = 'PGDMP'
const tarMagic = { offset: 257, text: 'ustar' }
const gzipMagic = [0x1f, 0x8b]

export async function runRestore(
  options: RunRestoreOptions,
): Promise<ScriptCounts & { readonly bytes: number }> {
  const { client, signal, tell } = options
  const { link } = client
  const cancel = (): void => link.cancel()
  signal.addEventListener('abort', cancel)
  let progress: TransferProgress = { phase: 'schema', table: null, bytes: 0, bytesTotal: options.bytesTotal }
  const advance = (change: Partial<TransferProgress>): void => {
    progress = { ...progress, ...change }
    tell.progress(progress)
  }
  try {
    await client.query('BEGIN')
    const counts = await restoreScript({
      ...{ client, signal, noOwner: options.noOwner, noPrivileges: options.noPrivileges },
      serverMajorVersion: Number.parseInt(link.parameters.get('server_version') ?? '', 10),
      source: counted(options.source, (bytes) => advance({ bytes })),
      onTable: (table) => advance({ phase: table === null ? 'schema' : 'data', table }),
    })
    await options.verify?.(advance)
    if (signal.aborted) throw new WorkbenchError('cancelled', 'The restore was cancelled')
    advance({ phase: 'committing', table: null })
    await client.query('COMMIT')
    if (options.analyzes) await analyze(options)
    return { ...counts, bytes: progress.bytes }
  } catch (error) {
    // A cancel ends what runs with an error of its own.
    if (signal.aborted)
      throw new WorkbenchError('cancelled', 'It was cancelled; nothing was changed', { cause: error })
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function analyze({ client, tell }: RunRestoreOptions): Promise<void> {
  tell.progress({ phase: 'finishing', table: null, bytes: 0, bytesTotal: null })
  try {
    await client.query('ANALYZE')
  } catch (error) {
    // Everything is there all the same.
    tell.notice(`The new rows were not analysed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  for await (const piece of source) {
    if (bytes === 0) checkIsSql(piece)
    bytes += piece.length
    onBytes(bytes)
    yield piece
  }
}

function checkIsSql(first: Uint8Array): void {
  const text = Buffer.from(first.buffer, first.byteOffset, first.length)
  const isTar =
    text.toString('latin1', tarMagic.offset, tarMagic.offset + tarMagic.text.length) === tarMagic.text
  if (text.toString('latin1', 0, archiveMagic.length) === archiveMagic || isTar) {
    throw new WorkbenchError(
      'unsupported',
      'This is an archive of pg_dump, which only pg_restore reads. Make SQL of it, and restore that: ' +
        'pg_restore -f - FILE | wardian restore NAME -',
    )
  }
  if (gzipMagic.every((byte, at) => text[at] === byte)) {
    throw new WorkbenchError('unsupported', 'The file is compressed: gunzip -c FILE | wardian restore NAME -')
  }
}
