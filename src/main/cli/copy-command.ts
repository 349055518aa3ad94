/** `wardian copy`: one database into another, compared before it counts. One call to the host. */

import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { databasePlace, restoreTarget } from './database-place.ts'
import { visibleText } from './terminal-text.ts'
import { bytesText, countText, secondsText, TransferNarration } from './transfer-progress.ts'
import { scopeOf, type ScopeOptions } from './transfer-scope.ts'

export interface CopyCommandOptions extends DataOption, ScopeOptions {
  readonly json?: true
}

export interface CopyArguments {
  readonly from: string
  readonly to: string
}

export async function runCopy(
  { terminal, clock, interrupt, ...context }: CommandContext,
  { from, to }: CopyArguments,
  options: CopyCommandOptions,
): Promise<void> {
  await withHost({ terminal, clock, interrupt, ...context }, options, async ({ client }) => {
    const source = await databasePlace(client, from)
    const target = await restoreTarget(client, to)
    const params = { source, target, scope: scopeOf(options) }
    const stream = client.stream('transfer.copy', params, { signal: interrupt })
    const narration = new TransferNarration(terminal, clock)
    for await (const { value } of stream) narration.tell(value)
    const report = await stream.result
    const { targetName, tables, rows, bytes, sequences, largeObjects, durationMs } = report
    terminal.note(`Copied ${bytesText(bytes)} to ${visibleText(targetName)} in ${secondsText(durationMs)}`)
    if (!options.schemaOnly) {
      terminal.note(
        `The same on both sides: ${countText(rows, 'row')} of ${countText(tables, 'table')} by count and checksum, ` +
          `${countText(sequences, 'sequence')}, ${countText(largeObjects, 'large object')}`,
      )
    }
    const { targetName: name, ...counts } = report
    if (options.json) await terminal.write(`${JSON.stringify({ target: name, ...counts })}\n`)
  })
}
