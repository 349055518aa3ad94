/**
 * `wardian create`, `list` and `delete`: the instances of a data directory. One call to the host each.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { defaultInstanceOptions } from '../../contract/instance-options.ts'
import { instanceNameLengthMax } from '../../contract/limits.ts'
import type { Instance } from '../../contract/instance.ts'
import { withHost, type CommandContext, type DataOption } from './command-context.ts'
import { UsageError } from './exit-code.ts'
import type { WorkbenchClient } from './host-connection.ts'
import { changedOptions, type OptionFlags } from './option-changes.ts'
import { textTable } from './text-table.ts'
import { visibleText } from './terminal-text.ts'

export interface CreateOptions extends DataOption, OptionFlags {
  readonly memory?: true
  readonly sample?: true
  readonly extension: readonly string[]
  readonly json?: true
}

export interface ListOptions extends DataOption {
  readonly json?: true
}

export interface DeleteOptions extends DataOption {
  readonly json?: true
}

export async function createInstance(
  context: CommandContext,
  name: string,
  options: CreateOptions,
): Promise<void> {
  if (name === '' || name.length > instanceNameLengthMax) {
    throw new UsageError(`An instance's name has from 1 to ${instanceNameLengthMax} characters`)
  }
  await withHost(context, options, async ({ client, isForeign }) => {
    if (options.memory && !isForeign) {
      throw new WorkbenchError(
        'unsupported',
        'A memory instance lives only inside a running host: start `wardian serve` (or the app) on this data ' +
          'directory first, or leave --memory out to keep the instance on disk',
      )
    }
    const filling = options.sample ? ' and filling it with the sample web shop' : ''
    context.terminal.note(`Creating ${visibleText(name)}${filling}`)
    const instance = await client.call('instance.create', {
      name,
      storage: options.memory ? 'memory' : 'directory',
      withSample: options.sample ?? false,
      options: changedOptions(defaultInstanceOptions, options),
      extensions: options.extension,
    })
    context.terminal.note(`Created ${visibleText(instance.name)}`)
    if (options.json) await context.terminal.write(`${JSON.stringify(instance)}\n`)
  })
}

export async function listInstances(context: CommandContext, options: ListOptions): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const instances = await client.call('instance.list', null)
    if (options.json) await context.terminal.write(`${JSON.stringify(instances)}\n`)
    else await context.terminal.write(instanceTable(instances))
  })
}

export async function deleteInstance(
  context: CommandContext,
  name: string,
  options: DeleteOptions,
): Promise<void> {
  await withHost(context, options, async ({ client }) => {
    const instance = await findInstance(client, name)
    await client.call('instance.delete', { instanceId: instance.id })
    const isInTrash = instance.storage === 'directory'
    const elsewhere = instance.storage === 'remote' ? 'nothing happened to the server' : 'it lived in memory'
    const where = isInTrash ? 'its directory is in the trash' : elsewhere
    context.terminal.note(`Deleted ${visibleText(instance.name)}; ${where}`)
    const { id, storage } = instance
    if (options.json) {
      await context.terminal.write(`${JSON.stringify({ id, name: instance.name, storage, isInTrash })}\n`)
    }
  })
}

/** The instance of that exact name; throws `not-found` with the names there are. */
export async function findInstance(client: WorkbenchClient, name: string): Promise<Instance> {
  const instances = await client.call('instance.list', null)
  const wanted = name.trim().normalize('NFC')
  const found = instances.find((instance) => instance.name === wanted || instance.name === name)
  if (found) return found
  const names = instances.map((instance) => visibleText(instance.name))
  const known = names.length === 0 ? 'There is none yet' : `There are: ${names.join(', ')}`
  throw new WorkbenchError(
    'not-found',
    `There is no instance named ${visibleText(name)}. ${known}. Make one with \`wardian create NAME\``,
  )
}

function instanceTable(instances: readonly Instance[]): string {
  const rows = [
    ['NAME', 'STATE', 'STORAGE', 'POSTGRES', 'ENGINE', 'SIZE', 'CREATED'],
    ...instances.map((instance) => [
      visibleText(instance.name),
      instance.state,
      instance.storage,
      instance.serverVersion ?? '-',
      `${instance.engine} ${instance.engineVersion ?? ''}`.trim(),
      instance.sizeBytes === null ? '-' : `${(instance.sizeBytes / (1 << 20)).toFixed(1)} MB`,
      new Date(instance.createdAtMs).toISOString().slice(0, 16).replace('T', ' '),
    ]),
  ]
  return textTable(rows)
}
