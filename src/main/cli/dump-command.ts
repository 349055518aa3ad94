/**
 * `wardian dump`: pg_dump's output on stdout or in a file, piece by piece as it comes. A file appears when it is
 * complete, and not before.
 */

import type { DumpOptions, DumpReport } from '../../contract/transfer.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { databasePlace } from './database-place.ts'
import { UsageError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { bytesText, secondsText, TransferNarration } from './transfer-progress.ts'
import { scopeOf, type ScopeOptions } from './transfer-scope.ts'
import { writeFileAtOnce, type Write } from './whole-file.ts'

export interface DumpCommandOptions extends DataOption, ScopeOptions {
  readonly format: DumpOptions['format']
  readonly output?: string
  readonly inserts?: true
  readonly clean?: true
  readonly json?: true
}

export async function runDump(
  context: CommandContext,
  database: string,
  options: DumpCommandOptions,
): Promise<void> {
  const { terminal } = context
  const { output: file, format } = options
  if (options.json && file === undefined) {
    throw new UsageError('--json needs --output FILE: the dump itself goes to stdout')
  }
  if (file === undefined && format !== 'sql' && terminal.isOutputTerminal) {
    throw new UsageError('An archive is nothing for a terminal: give --output FILE, or redirect stdout')
  }
  await withHost(context, options, async ({ client }) => {
    const dump = (write: Write): Promise<DumpReport> =>
      readDump(context, client, { database, options, write })
    const report = await (file === undefined
      ? dump((bytes) => terminal.writeBytes(bytes))
      : writeFileAtOnce(file, dump))
    terminal.note(`Dumped ${bytesText(report.bytes)} in ${secondsText(report.durationMs)}`)
    if (options.json) await terminal.write(`${JSON.stringify({ file, ...report })}\n`)
  })
}

interface DumpRequest {
  readonly database: string
  readonly options: DumpCommandOptions
  readonly write: Write
}

async function readDump(
  { terminal, clock, interrupt }: CommandContext,
  client: WorkbenchClient,
  { database, options, write }: DumpRequest,
): Promise<DumpReport> {
  const { format, inserts = false, clean = false } = options
  const stream = client.stream(
    'transfer.dump',
    {
      source: await databasePlace(client, database),
      options: { format, inserts, clean, scope: scopeOf(options) },
    },
    { signal: interrupt },
  )
  const narration = new TransferNarration(terminal, clock)
  for await (const { value, buffers } of stream) {
    if (value.kind === 'data') await write(new Uint8Array(buffers[0] ?? new ArrayBuffer(0)))
    else narration.tell(value)
  }
  return stream.result
}
