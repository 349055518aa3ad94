/**
 * `wardian restore`: sends a file, or what comes on stdin, to the host part by part, while the host runs it.
 */

import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { WorkbenchError } from '../../contract/error.ts'
import { textPartBytesMax } from '../../contract/limits.ts'
import type { RestoreReport } from '../../contract/transfer.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { restoreTarget } from './database-place.ts'
import { UsageError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { visibleText } from './terminal-text.ts'
import { bytesText, countText, secondsText, TransferNarration } from './transfer-progress.ts'

export interface RestoreCommandOptions extends DataOption {
  readonly owner: boolean
  readonly privileges: boolean
  readonly json?: true
}

export interface RestoreArguments {
  readonly database: string
  readonly file: string
}

/** Where the SQL comes from; `bytesTotal` where that is known before. */
interface RestoreSource {
  readonly stream: Readable
  readonly bytesTotal: number | null
}

export async function runRestore(
  context: CommandContext,
  { database, file }: RestoreArguments,
  options: RestoreCommandOptions,
): Promise<void> {
  const { terminal } = context
  if (file === '-' && terminal.isInputTerminal) {
    throw new UsageError('Nothing comes on stdin: give a file, or pipe a dump into this command')
  }
  const source = file === '-' ? { stream: terminal.input, bytesTotal: null } : await openFile(file)
  await withHost(context, options, async ({ client }) => {
    const report = await restore(context, client, { source, database, options })
    const { targetName, statements, rows, bytes, durationMs } = report
    terminal.note(
      `Restored ${bytesText(bytes)} into ${visibleText(targetName)} in ${secondsText(durationMs)}: ` +
        `${countText(statements, 'statement')}, ${countText(rows, 'row')}`,
    )
    if (options.json) {
      const { targetName: target, ...counts } = report
      await terminal.write(`${JSON.stringify({ target, ...counts })}\n`)
    }
  })
}

interface RestoreRequest {
  readonly source: RestoreSource
  readonly database: string
  readonly options: RestoreCommandOptions
}

async function restore(
  { terminal, clock, interrupt }: CommandContext,
  client: WorkbenchClient,
  { source, database, options }: RestoreRequest,
): Promise<RestoreReport> {
  const uploadId = randomUUID()
  const ended = new AbortController()
  const signal = AbortSignal.any([interrupt, ended.signal])
  const params = {
    ...{ uploadId, bytesTotal: source.bytesTotal, target: await restoreTarget(client, database) },
    ...{ noOwner: !options.owner, noPrivileges: !options.privileges },
  }
  const stream = client.stream('transfer.restore', params, { signal: interrupt })
  const failed = Promise.withResolvers<never>()
  // What cannot be read ends it; where the host has refused it, its own words matter.
  upload(client, { uploadId, stream: source.stream, signal }).catch((error: unknown) => failed.reject(error))
  failed.promise.catch(() => undefined)
  const narration = new TransferNarration(terminal, clock)
  const reading = (async () => {
    for await (const { value } of stream) narration.tell(value)
    return stream.result
  })()
  try {
    return await Promise.race([reading, failed.promise])
  } catch (error) {
    if (!(error instanceof WorkbenchError) || error.code !== 'closed') throw error
    return await reading
  } finally {
    ended.abort()
    source.stream.destroy()
  }
}

interface Upload {
  readonly uploadId: string
  readonly stream: Readable
  readonly signal: AbortSignal
}

async function upload(client: WorkbenchClient, { uploadId, stream, signal }: Upload): Promise<void> {
  for await (const piece of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < piece.length; at += textPartBytesMax) {
      const { buffer } = Uint8Array.from(piece.subarray(at, at + textPartBytesMax))
      await client.call('transfer.upload', { uploadId, isLast: false }, { buffers: [buffer], signal })
    }
  }
  await client.call('transfer.upload', { uploadId, isLast: true }, { signal })
}

async function openFile(file: string): Promise<RestoreSource> {
  try {
    const { size, isDirectory } = await stat(file).then((found) => ({
      size: found.isFile() ? found.size : null,
      isDirectory: found.isDirectory(),
    }))
    if (isDirectory) {
      throw new WorkbenchError(
        'unsupported',
        `${file} is a directory; if it is a dump, make SQL of it: pg_restore -f - DIRECTORY | wardian restore NAME -`,
      )
    }
    return { stream: createReadStream(file, { highWaterMark: textPartBytesMax }), bytesTotal: size }
  } catch (error) {
    if (error instanceof WorkbenchError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new WorkbenchError('invalid-argument', `${file} could not be read: ${why}`, { cause: error })
  }
}
