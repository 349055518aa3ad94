/** `wardian trash --empty`: removes for good what was deleted, once somebody has said that it may. */

import { withHost, type CommandContext } from './command-context.ts'
import { confirm } from './confirm.ts'
import type { JsonOptions } from './lifecycle-commands.ts'
import { visibleText } from './terminal-text.ts'

export interface TrashOptions extends JsonOptions {
  readonly empty?: true
  readonly yes?: true
}

/** Names that a question lists; more are counted. */
const shownMax = 10

export async function emptyTrash(context: CommandContext, options: TrashOptions): Promise<void> {
  const { terminal } = context
  await withHost(context, options, async ({ client }) => {
    const entries = await client.call('trash.list', null)
    if (entries.length > 0 && !options.yes) {
      const names = entries.slice(0, shownMax).map(({ name, instanceId }) => visibleText(name ?? instanceId))
      const more = entries.length > shownMax ? ` and ${entries.length - shownMax} more` : ''
      const question = `Remove ${names.join(', ')}${more} for good, with all snapshots? There is no way back.`
      if (!(await confirm(context, { question, flag: '--yes' }))) {
        terminal.note('Nothing was removed')
        return
      }
    }
    // What somebody else deletes meanwhile is not among what was asked about.
    for (const { instanceId, deletedAtMs } of entries) {
      await client.call('trash.remove', { instanceId, deletedAtMs })
    }
    const freed = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const words = entries.length === 0 ? 'The trash is empty' : `Removed ${entries.length} for good`
    terminal.note(entries.length === 0 ? words : `${words}, ${(freed / (1 << 20)).toFixed(1)} MB`)
    if (options.json) await terminal.write(`${JSON.stringify({ removed: entries.length, bytes: freed })}\n`)
  })
}
