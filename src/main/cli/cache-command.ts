/** `wardian cache`: what an instance keeps of results, how that is set, and forgetting it. */

import type { CacheOptions, CacheState } from '../../contract/cache.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { UsageError } from './exit-code.ts'
import { findInstance } from './instance-commands.ts'
import { visibleText } from './terminal-text.ts'
import { textTable } from './text-table.ts'

export interface CacheCommandOptions extends DataOption {
  readonly on?: true
  readonly off?: true
  readonly bytes?: number
  /** In seconds; 0 for never. */
  readonly maxAge?: number
  readonly clear?: true
  readonly json?: true
}

const megabyte = 1 << 20
/** Of a statement, on one line. */
const statementLength = 60

export async function runCache(
  context: CommandContext,
  name: string,
  options: CacheCommandOptions,
): Promise<void> {
  if (options.on && options.off) throw new UsageError('Give --on or --off, not both')
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    const before = await client.call('cache.state', { instanceId })
    const wanted = changed(before.options, options)
    if (wanted) await client.call('cache.setOptions', { instanceId, options: wanted })
    if (options.clear) await client.call('cache.clear', { instanceId, entryId: null })
    const state = await client.call('cache.state', { instanceId })
    context.terminal.note(summary(name, state))
    if (options.json) await context.terminal.write(`${JSON.stringify(state)}\n`)
    else if (state.entries.length > 0) await context.terminal.write(entryTable(state))
  })
}

/** null where nothing was asked for. */
function changed(before: CacheOptions, { on, off, bytes, maxAge }: CacheCommandOptions): CacheOptions | null {
  if (!on && !off && bytes === undefined && maxAge === undefined) return null
  return {
    ...before,
    isOn: on ? true : off ? false : before.isOn,
    bytesMax: bytes ?? before.bytesMax,
    ageMaxMs: maxAge === undefined ? before.ageMaxMs : maxAge === 0 ? null : maxAge * 1_000,
  }
}

function summary(name: string, { options, counts, bytes, entries }: CacheState): string {
  if (!options.isOn) return `${visibleText(name)} keeps no results; --on switches it on`
  const asked = counts.hits + counts.misses
  const share =
    asked === 0 ? '' : `, ${Math.round((100 * counts.hits) / asked)} % of ${asked} answered from them`
  const age = options.ageMaxMs === null ? '' : `, for ${options.ageMaxMs / 1_000} s at most`
  const most = `${Math.round(options.bytesMax / megabyte)} MB`
  return `${visibleText(name)} keeps ${entries.length} results, ${size(bytes)} of ${most}${age}${share}`
}

function entryTable({ entries }: CacheState): string {
  const shown = entries.map(({ hits, rowCount, bytes, durationMs, relations, statement }) => [
    ...[String(hits), String(rowCount), size(bytes), `${durationMs.toFixed(0)} ms`],
    ...[visibleText(relations.join(', ')) || '-', oneLine(statement)],
  ])
  return textTable([['HITS', 'ROWS', 'SIZE', 'SAVES', 'READS', 'STATEMENT'], ...shown])
}

function oneLine(statement: string): string {
  const line = statement.replaceAll(/\s+/g, ' ').trim()
  return visibleText(line.length > statementLength ? `${line.slice(0, statementLength - 1)}…` : line)
}

function size(bytes: number): string {
  return `${(bytes / megabyte).toFixed(1)} MB`
}
