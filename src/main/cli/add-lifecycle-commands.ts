/** How the commands about the life of instances are called. What they do is loaded when they run. */

import { Option, type Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { givenPath, withData } from './command-options.ts'
import type { TrashOptions } from './empty-trash-command.ts'
import type {
  ConfigureOptions,
  ExportOptions,
  ImportOptions,
  JsonOptions,
  OpenDirectoryOptions,
  RestoreDeletedOptions,
} from './lifecycle-commands.ts'

/** Flags of `create` and `configure` alike. */
export function withInstanceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--durability <kind>', 'durable: commits are on disk before they are acknowledged').choices([
        'durable',
        'relaxed',
      ]),
    )
    .option(
      '--setting <name=value>',
      'memory that it may take, such as work_mem=16MB; may be repeated',
      gathered,
      [],
    )
}

export function gathered(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}

export function addLifecycleCommands(root: Command, context: CommandContext): void {
  const load = () => import('./lifecycle-commands.ts')
  withData(root.command('rename').description('give an instance another name'))
    .argument('<name>', 'name of the instance')
    .argument('<new-name>', 'its name from now on')
    .option('--json', 'print the instance as JSON')
    .action(async (name: string, newName: string, options: JsonOptions) =>
      (await load()).renameInstance(context, { name, newName }, options),
    )
  for (const action of ['start', 'stop'] as const) {
    withData(root.command(action).description(`${action} an instance in the running host`))
      .argument('<name>', 'name of the instance')
      .option('--json', 'print the instance as JSON')
      .action(async (name: string, options: JsonOptions) =>
        (await load()).runAction(context, { name, action }, options),
      )
  }
  withInstanceOptions(withData(root.command('configure').description('change how an instance is run')))
    .argument('<name>', 'name of the instance')
    .option('--json', 'print the instance as JSON')
    .addHelpText('after', configureHelp)
    .action(async (name: string, options: ConfigureOptions) =>
      (await load()).configureInstance(context, name, options),
    )
  addExtensionCommands(root, context)
  addFileCommands(root, context)
  addTrashCommands(root, context)
}

function addExtensionCommands(root: Command, context: CommandContext): void {
  const load = () => import('./lifecycle-commands.ts')
  withData(root.command('extensions').description('list the extensions that there are'))
    .argument('[name]', 'an instance, to see which it has; it is started for that')
    .option('--json', 'print them as JSON')
    .action(async (name: string | undefined, options: JsonOptions) =>
      (await load()).listExtensions(context, name, options),
    )
  withData(root.command('extension').description('add an extension to an instance'))
    .argument('<name>', 'name of the instance')
    .argument('<extension>', 'as CREATE EXTENSION has it')
    .option('--json', 'print the instance as JSON')
    .action(async (name: string, extension: string, options: JsonOptions) =>
      (await load()).addExtension(context, { name, extension }, options),
    )
}

function addFileCommands(root: Command, context: CommandContext): void {
  const load = () => import('./lifecycle-commands.ts')
  withData(
    root.command('open').description('open a data directory of PGlite, or the directory of an instance'),
  )
    .argument('<directory>', 'where it lies', givenPath)
    .option('--name <name>', 'what it is to be called (default: as the directory)')
    .option('--copy', 'copy it here, and leave it as it is')
    .option('--json', 'print the instance as JSON')
    .action(async (directory: string, options: OpenDirectoryOptions) =>
      (await load()).openDirectory(context, directory, options),
    )
  withData(root.command('export').description('write an instance to one file, to carry it away'))
    .argument('<name>', 'name of the instance')
    .argument('<file>', 'where to put it, such as shop.wardian', givenPath)
    .option('--force', 'replace a file that is there')
    .option('--json', 'print {"file", "bytes"}')
    .action(async (name: string, file: string, options: ExportOptions) =>
      (await load()).exportInstance(context, { name, file }, options),
    )
  withData(root.command('import').description('make an instance from a file that was exported'))
    .argument('<file>', 'the file', givenPath)
    .argument('[name]', 'what it is to be called (default: as when it was exported)')
    .option('--json', 'print the instance as JSON')
    .action(async (file: string, name: string | undefined, options: ImportOptions) =>
      (await load()).importInstance(context, { file, name }, options),
    )
}

function addTrashCommands(root: Command, context: CommandContext): void {
  const load = () => import('./lifecycle-commands.ts')
  withData(root.command('trash').description('list the instances that were deleted, or remove them for good'))
    .option('--empty', 'remove all of them for good, which is asked about first')
    .option('--yes', 'do not ask')
    .option('--json', 'print them, or what was removed, as JSON')
    .action(async (options: TrashOptions) => {
      if (!options.empty) return (await load()).listTrash(context, options)
      const { emptyTrash } = await import('./empty-trash-command.ts')
      return emptyTrash(context, options)
    })
  withData(root.command('restore-deleted').description('take a deleted instance out of the trash'))
    .argument('<name>', 'its name, or its id where there are several')
    .option('--as <name>', 'another name, where its own is taken by now')
    .option('--json', 'print the instance as JSON')
    .action(async (name: string, options: RestoreDeletedOptions) =>
      (await load()).restoreDeleted(context, name, options),
    )
}

const configureHelp = `
Settings: shared_buffers, work_mem, maintenance_work_mem, temp_buffers; an empty value (--setting work_mem=) takes one
back. relaxed is faster and may lose the last commits, or damage the database, when the power fails. Changes count from
the next start on; one that runs is not restarted.`
