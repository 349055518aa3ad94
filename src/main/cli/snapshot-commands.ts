/**
 * `wardian snapshot`, `snapshots`, `fork` and `rewind`: what an instance has had, kept and got back. One call to the
 * host each, and what it tells meanwhile.
 */

import type { ChunkOf, NamesOf, ParamsOf, ResultOf } from '../../contract/contract-table.ts'
import { WorkbenchError } from '../../contract/error.ts'
import type { Snapshot, SnapshotProgress, SnapshotReason } from '../../contract/snapshot.ts'
import type { WorkbenchContract } from '../../contract/workbench-contract.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { UsageError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { textWidth, visibleText } from './terminal-text.ts'

export interface SnapshotOptions extends DataOption {
  readonly json?: true
}

export interface SnapshotListOptions extends SnapshotOptions {
  readonly verify?: string
  readonly delete?: string
}

export interface ForkOptions extends SnapshotOptions {
  readonly from?: string
}

/** Of `wardian create`: an instance and one of its snapshots. */
export interface CreateFromOptions {
  readonly from?: string
}

const megabyte = 1 << 20

export async function takeSnapshot(
  context: CommandContext,
  { name, label }: { readonly name: string; readonly label: string | null },
  options: SnapshotOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    const snapshot = await follow(context, client, { name: 'snapshot.take', params: { instanceId, label } })
    context.terminal.note(
      `Snapshot ${snapshot.id} of ${visibleText(name)}, ${size(snapshot.addedBytes)} more on disk`,
    )
    if (options.json) await context.terminal.write(`${JSON.stringify(snapshot)}\n`)
    else await context.terminal.write(`${snapshot.id}\n`)
  })
}

export async function runSnapshots(
  context: CommandContext,
  name: string,
  options: SnapshotListOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    if (options.verify !== undefined) {
      await verify(context, client, { instanceId, reference: options.verify })
    } else if (options.delete !== undefined) {
      const { id: snapshotId } = await findSnapshot(client, { instanceId, reference: options.delete })
      await client.call('snapshot.delete', { instanceId, snapshotId })
      context.terminal.note(`Deleted snapshot ${snapshotId}`)
    } else {
      const list = await client.call('snapshot.list', { instanceId })
      for (const problem of list.problems) context.terminal.note(`warning: ${problem}`)
      context.terminal.note(`${list.snapshots.length} snapshots, ${size(list.storedBytes)} on disk together`)
      if (options.json) await context.terminal.write(`${JSON.stringify(list)}\n`)
      else await context.terminal.write(snapshotTable(list.snapshots))
    }
  })
}

export async function runFork(
  context: CommandContext,
  { name, fork }: { readonly name: string; readonly fork: string },
  options: ForkOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    const from =
      options.from === undefined ? null : await findSnapshot(client, { instanceId, reference: options.from })
    const params = { instanceId, snapshotId: from?.id ?? null, name: fork }
    const instance = await follow(context, client, { name: 'snapshot.fork', params })
    context.terminal.note(`Created ${visibleText(instance.name)}, a fork of ${visibleText(name)}`)
    if (options.json) await context.terminal.write(`${JSON.stringify(instance)}\n`)
  })
}

/** `wardian create NEW --from NAME@SNAPSHOT`. */
export async function createFromSnapshot(
  context: CommandContext,
  fork: string,
  options: SnapshotOptions & { readonly from: string },
): Promise<void> {
  const { memory, sample, extension, ...given } = { memory: false, sample: false, extension: [], ...options }
  if (memory || sample || extension.length > 0) {
    throw new UsageError('--from takes what the snapshot has; leave out --memory, --sample and --extension')
  }
  const at = given.from.lastIndexOf('@')
  if (at <= 0) throw new UsageError('--from takes NAME@SNAPSHOT; `wardian snapshots NAME` lists them')
  const wish = { ...given, from: given.from.slice(at + 1) }
  await runFork(context, { name: given.from.slice(0, at), fork }, wish)
}

export async function runRewind(
  context: CommandContext,
  { name, reference }: { readonly name: string; readonly reference: string },
  options: SnapshotOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const { id: instanceId } = await findInstance(client, name)
    const { id: snapshotId, takenAtMs } = await findSnapshot(client, { instanceId, reference })
    const done = await follow(context, client, {
      name: 'snapshot.rewind',
      params: { instanceId, snapshotId },
    })
    context.terminal.note(`${visibleText(name)} is back at ${moment(takenAtMs)}`)
    if (done.undo) context.terminal.note(`To undo: wardian rewind ${visibleText(name)} ${done.undo.id}`)
    if (done.keptDirectory !== null) context.terminal.note(`The damaged files are in ${done.keptDirectory}`)
    if (options.json) await context.terminal.write(`${JSON.stringify(done)}\n`)
  })
}

async function verify(
  context: CommandContext,
  client: WorkbenchClient,
  { instanceId, reference }: { readonly instanceId: string; readonly reference: string },
): Promise<void> {
  const { id: snapshotId } = await findSnapshot(client, { instanceId, reference })
  const { damaged } = await follow(context, client, {
    name: 'snapshot.verify',
    params: { instanceId, snapshotId },
  })
  if (damaged.length === 0) context.terminal.note(`Snapshot ${snapshotId} is whole`)
  else throw new WorkbenchError('corrupt', `Snapshot ${snapshotId} is damaged: ${damaged.join(', ')}`)
}

type ProgressName = {
  [N in NamesOf<WorkbenchContract, 'stream'>]: ChunkOf<WorkbenchContract[N]> extends SnapshotProgress
    ? N
    : never
}[NamesOf<WorkbenchContract, 'stream'>]

/** Runs it to its end, and tells for whom it waits. */
async function follow<N extends Extract<ProgressName, `snapshot.${string}`>>(
  { interrupt, terminal }: CommandContext,
  client: WorkbenchClient,
  { name, params }: { readonly name: N; readonly params: ParamsOf<WorkbenchContract[N]> },
): Promise<ResultOf<WorkbenchContract[N]>> {
  const stream = client.stream(name, params, { signal: interrupt })
  let told: string | null = null
  for await (const { value } of stream) {
    const { step, holder } = value as SnapshotProgress
    if (step === 'waiting' && holder !== null && holder !== told)
      terminal.note(`Waiting for ${visibleText(holder)}`)
    told = holder
  }
  return stream.result
}

/** By its id or the beginning of it, its label, or as the latest. */
async function findSnapshot(
  client: WorkbenchClient,
  { instanceId, reference }: { readonly instanceId: string; readonly reference: string },
): Promise<Snapshot> {
  const { snapshots } = await client.call('snapshot.list', { instanceId })
  const found =
    reference === 'latest'
      ? snapshots.slice(0, 1)
      : (nonEmpty(snapshots.filter(({ id, label }) => id === reference || label === reference)) ??
        snapshots.filter(({ id }) => id.startsWith(reference)))
  const [first] = found
  if (first && found.length === 1) return first
  const what = found.length === 0 ? 'There is no snapshot' : `There are ${found.length} snapshots`
  throw new WorkbenchError(
    'not-found',
    `${what} named ${visibleText(reference)}; \`wardian snapshots\` lists their ids, each of which names one`,
  )
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list
}

function snapshotTable(snapshots: readonly Snapshot[]): string {
  const rows = [
    ['ID', 'TAKEN', 'SIZE', 'ADDED', 'LABEL', 'WHY'],
    ...snapshots.map(({ id, takenAtMs, byteCount, addedBytes, label, reason }) => [
      ...[id, moment(takenAtMs), size(byteCount), size(addedBytes)],
      ...[label === null ? '-' : visibleText(label), visibleText(why(reason))],
    ]),
  ]
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => textWidth(row[column] ?? '')))) ?? []
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - textWidth(cell)))
      .join('  ')
      .trimEnd()
  return `${rows.map(line).join('\n')}\n`
}

function why(reason: SnapshotReason): string {
  switch (reason.kind) {
    case 'request':
      return 'asked for'
    case 'schedule':
      return 'schedule'
    case 'statement':
      return `before ${reason.what} (${reason.who})`
    case 'script':
      return `before a script (${reason.who})`
    case 'rewind':
      return `before going back to ${reason.to}`
    case 'work':
      return `before ${reason.what}`
  }
}

function moment(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')
}

function size(bytes: number): string {
  return `${(bytes / megabyte).toFixed(1)} MB`
}
