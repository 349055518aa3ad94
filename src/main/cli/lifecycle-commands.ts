/**
 * `wardian rename`, `start`, `stop`, `configure`, `extensions`, `extension`, `open`, `export`, `import`, `trash` and
 * `restore-deleted`: the life of instances. One question to the host each.
 */

import { basename, resolve } from 'node:path'
import { WorkbenchError } from '../../contract/error.ts'
import { defaultInstanceOptions } from '../../contract/instance-options.ts'
import type { Instance } from '../../contract/instance.ts'
import type { Extension, TrashEntry } from '../../contract/lifecycle-calls.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { InterruptedError, UsageError } from './exit-code.ts'
import type { HostConnection } from './host-connection.ts'
import { findInstance } from './instance-commands.ts'
import { changedOptions, type OptionFlags } from './option-changes.ts'
import { textTable } from './text-table.ts'
import { visibleText } from './terminal-text.ts'

export interface JsonOptions extends DataOption {
  readonly json?: true
}

export type ConfigureOptions = JsonOptions & OptionFlags

export interface OpenDirectoryOptions extends JsonOptions {
  readonly name?: string
  readonly copy?: true
}

export interface ExportOptions extends JsonOptions {
  readonly force?: true
}

export type ImportOptions = JsonOptions

export interface RestoreDeletedOptions extends JsonOptions {
  readonly as?: string
}

export async function renameInstance(
  context: CommandContext,
  { name, newName }: { readonly name: string; readonly newName: string },
  options: JsonOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const { id } = await findInstance(client, name)
    const instance = await client.call('instance.rename', { instanceId: id, name: newName })
    await tell(context, options, {
      instance,
      words: `${visibleText(name)} is called ${visibleText(instance.name)}`,
    })
  })
}

export async function runAction(
  context: CommandContext,
  { name, action }: { readonly name: string; readonly action: 'start' | 'stop' },
  options: JsonOptions,
): Promise<void> {
  await withHost(context, options, async ({ client, isForeign }) => {
    const { id } = await findInstance(client, name)
    if (!isForeign) {
      throw new WorkbenchError(
        'unsupported',
        `No host runs on this data directory, so ${visibleText(name)} does not run either. \`wardian serve\` or the ` +
          'app keeps instances running; every other command starts those that it needs',
      )
    }
    const instance = await client.call(`instance.${action}`, { instanceId: id })
    const words = action === 'start' ? 'runs' : 'is stopped'
    await tell(context, options, { instance, words: `${visibleText(instance.name)} ${words}` })
  })
}

export async function configureInstance(
  context: CommandContext,
  name: string,
  options: ConfigureOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const { id, options: before } = await findInstance(client, name)
    const changed = changedOptions(before ?? defaultInstanceOptions, options)
    const instance = await client.call('instance.configure', { instanceId: id, options: changed })
    const when = instance.needsRestart ? '; it counts from its next start on' : ''
    await tell(context, options, { instance, words: `Changed ${visibleText(instance.name)}${when}` })
  })
}

export async function listExtensions(
  context: CommandContext,
  name: string | undefined,
  options: JsonOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const instance = name === undefined ? null : await findInstance(client, name)
    if (instance) await client.call('instance.start', { instanceId: instance.id })
    const list = await client.call('extension.list', { instanceId: instance?.id ?? null })
    if (options.json) await context.terminal.write(`${JSON.stringify(list)}\n`)
    else await context.terminal.write(extensionTable(list, instance !== null))
  })
}

export async function addExtension(
  context: CommandContext,
  { name, extension }: { readonly name: string; readonly extension: string },
  options: JsonOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const { id } = await findInstance(client, name)
    const instance = await client.call('extension.add', { instanceId: id, name: extension })
    await tell(context, options, {
      instance,
      words: `${visibleText(instance.name)} has ${visibleText(extension)}`,
    })
  })
}

export async function openDirectory(
  context: CommandContext,
  directory: string,
  options: OpenDirectoryOptions,
): Promise<void> {
  await withHost(context, options, async (connection) => {
    const isCopied = options.copy === true
    const request = { directory: resolve(directory), name: options.name ?? null, isCopied }
    const instance = await carry(context, connection, {
      name: 'instance.open',
      params: request,
      doing: 'Copied',
    })
    const where = isCopied ? 'was copied' : 'stays where it is'
    await tell(context, options, {
      instance,
      words: `Opened ${visibleText(instance.name)}; its directory ${where}`,
    })
  })
}

export async function exportInstance(
  context: CommandContext,
  { name, file }: { readonly name: string; readonly file: string },
  options: ExportOptions,
): Promise<void> {
  await withHost(context, options, async (connection) => {
    const { id } = await findInstance(connection.client, name)
    const path = resolve(file)
    const params = { instanceId: id, file: path, mayReplace: options.force === true }
    const { byteCount } = await carry(context, connection, {
      name: 'instance.export',
      params,
      doing: 'Packed',
    })
    context.terminal.note(
      `Exported ${visibleText(name)} to ${visibleText(basename(path))}, ${megabytes(byteCount)}`,
    )
    if (options.json) await context.terminal.write(`${JSON.stringify({ file: path, bytes: byteCount })}\n`)
  })
}

export async function importInstance(
  context: CommandContext,
  { file, name }: { readonly file: string; readonly name: string | undefined },
  options: ImportOptions,
): Promise<void> {
  await withHost(context, options, async (connection) => {
    const params = { file: resolve(file), name: name ?? null }
    const instance = await carry(context, connection, { name: 'instance.import', params, doing: 'Unpacked' })
    await tell(context, options, { instance, words: `Imported ${visibleText(instance.name)}` })
  })
}

export async function listTrash(context: CommandContext, options: JsonOptions): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const entries = await client.call('trash.list', null)
    if (options.json) await context.terminal.write(`${JSON.stringify(entries)}\n`)
    else await context.terminal.write(trashTable(entries))
  })
}

export async function restoreDeleted(
  context: CommandContext,
  name: string,
  options: RestoreDeletedOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const entries = await client.call('trash.list', null)
    const found = entries.filter((entry) => entry.name === name || entry.instanceId === name)
    const [entry] = found
    if (!entry) {
      const names = entries.map((each) => visibleText(each.name ?? each.instanceId)).join(', ')
      const known = names === '' ? 'It is empty' : `There are: ${names}`
      throw new WorkbenchError('not-found', `Nothing named ${visibleText(name)} is in the trash. ${known}`)
    }
    if (found.length > 1) {
      const ids = found.map(({ instanceId }) => instanceId).join(', ')
      throw new UsageError(`Several of that name are in the trash; say which one by its id: ${ids}`)
    }
    const { instanceId, deletedAtMs } = entry
    const params = { entry: { instanceId, deletedAtMs }, name: options.as ?? null }
    const instance = await client.call('trash.restore', params)
    await tell(context, options, {
      instance,
      words: `${visibleText(instance.name)} is out of the trash again`,
    })
  })
}

type Carrying = 'instance.open' | 'instance.export' | 'instance.import'
type Client = HostConnection['client']
type CarryParams<N extends Carrying> = Parameters<Client['stream']>[1] & { readonly [K in N]?: never }

/** What takes longer than this is narrated, at such a distance. */
const noteEveryMs = 1_000

/** Runs what may take a while, says how far it is, and ends it when the user does. */
async function carry<N extends Carrying>(
  { clock, interrupt, terminal }: CommandContext,
  { client }: HostConnection,
  { name, params, doing }: { readonly name: N; readonly params: object; readonly doing: string },
) {
  const stream = client.stream(name, params as CarryParams<N> as never, { signal: interrupt })
  let notedAtMs = clock.monotonicMs()
  try {
    for await (const { value } of stream) {
      const nowMs = clock.monotonicMs()
      if (nowMs - notedAtMs < noteEveryMs) continue
      notedAtMs = nowMs
      terminal.note(`${doing} ${megabytes(value.doneBytes)} of ${megabytes(value.totalBytes)}`)
    }
    return await stream.result
  } catch (error) {
    throw interrupt.aborted ? new InterruptedError('Interrupted', { cause: error }) : error
  }
}

async function tell(
  { terminal }: CommandContext,
  { json }: JsonOptions,
  { instance, words }: { readonly instance: Instance; readonly words: string },
): Promise<void> {
  terminal.note(words)
  if (json) await terminal.write(`${JSON.stringify(instance)}\n`)
}

function extensionTable(list: readonly Extension[], isOfInstance: boolean): string {
  const rows = list.map(({ name, version, installedVersion, comment }) => [
    ...[name, version, ...(isOfInstance ? [installedVersion ?? '-'] : [])],
    visibleText(comment),
  ])
  return textTable([['NAME', 'VERSION', ...(isOfInstance ? ['INSTALLED'] : []), 'PURPOSE'], ...rows])
}

function trashTable(entries: readonly TrashEntry[]): string {
  const moment = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
  const rows = entries.map(({ name, instanceId, sizeBytes, deletedAtMs, keptUntilMs }) => [
    ...[visibleText(name ?? '-'), instanceId, megabytes(sizeBytes)],
    ...[moment(deletedAtMs), moment(keptUntilMs)],
  ])
  return textTable([['NAME', 'ID', 'SIZE', 'DELETED', 'KEPT UNTIL'], ...rows])
}

function megabytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(1)} MB`
}
