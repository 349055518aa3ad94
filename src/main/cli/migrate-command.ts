/** `wardian migrate`: an instance of an earlier Postgres becomes one of this version. One call to the host. */

import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { findInstance } from './instance-commands.ts'
import { visibleText } from './terminal-text.ts'
import { countText, secondsText, TransferNarration } from './transfer-progress.ts'

export interface MigrateCommandOptions extends DataOption {
  readonly json?: true
}

export async function runMigrate(
  context: CommandContext,
  name: string,
  options: MigrateCommandOptions,
): Promise<void> {
  const { terminal, clock, interrupt } = context
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    const stream = client.stream('transfer.migrate', { instanceId }, { signal: interrupt })
    const narration = new TransferNarration(terminal, clock)
    for await (const { value } of stream) narration.tell(value)
    const { targetName: instance, ...counts } = await stream.result
    const { tables, rows, durationMs } = counts
    terminal.note(
      `Migrated ${visibleText(instance)} in ${secondsText(durationMs)}. The same as before: ` +
        `${countText(rows, 'row')} of ${countText(tables, 'table')}, by count and checksum`,
    )
    if (options.json) await terminal.write(`${JSON.stringify({ instance, ...counts })}\n`)
  })
}
