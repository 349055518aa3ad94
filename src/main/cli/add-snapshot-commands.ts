/** How the commands about snapshots are called. What they do is loaded when one of them runs. */

import { Argument, type Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { withData } from './command-options.ts'
import type { ForkOptions, SnapshotListOptions, SnapshotOptions } from './snapshot-commands.ts'

export function addSnapshotCommands(root: Command, context: CommandContext): void {
  withData(root.command('snapshot').description('keep what an instance has now'))
    .argument('<name>', 'name of the instance')
    .addArgument(new Argument('[label]', 'what to call it'))
    .option('--json', 'print the snapshot as JSON')
    .addHelpText('after', snapshotHelp)
    .action(async (name: string, label: string | undefined, options: SnapshotOptions) => {
      const { takeSnapshot } = await import('./snapshot-commands.ts')
      await takeSnapshot(context, { name, label: label ?? null }, options)
    })
  withData(root.command('snapshots').description('list the snapshots of an instance, or check or delete one'))
    .argument('<name>', 'name of the instance')
    .option('--verify <snapshot>', 'read all of this snapshot, and tell what is damaged')
    .option('--delete <snapshot>', 'delete this snapshot')
    .option('--json', 'print them as JSON')
    .addHelpText('after', referenceHelp)
    .action(async (name: string, options: SnapshotListOptions) => {
      const { runSnapshots } = await import('./snapshot-commands.ts')
      await runSnapshots(context, name, options)
    })
  withData(root.command('fork').description('make a new instance of what another has'))
    .argument('<name>', 'name of the instance')
    .argument('<new>', 'name of the new one')
    .option('--from <snapshot>', 'with what this snapshot has, instead of what the instance has now')
    .option('--json', 'print the new instance as JSON')
    .addHelpText('after', referenceHelp)
    .action(async (name: string, fork: string, options: ForkOptions) => {
      const { runFork } = await import('./snapshot-commands.ts')
      await runFork(context, { name, fork }, options)
    })
  withData(root.command('rewind').description('put an instance back to a snapshot, which can be undone'))
    .argument('<name>', 'name of the instance')
    .argument('<snapshot>', 'the snapshot')
    .option('--json', 'print the snapshot by which it can be undone as JSON')
    .addHelpText('after', referenceHelp)
    .action(async (name: string, reference: string, options: SnapshotOptions) => {
      const { runRewind } = await import('./snapshot-commands.ts')
      await runRewind(context, { name, reference }, options)
    })
}

const snapshotHelp = `
A snapshot has what is committed. It waits for its turn, keeps others waiting while changed files are read, and
stores only what no other snapshot has.`

const referenceHelp = `
Snapshots are taken by themselves before statements that remove or change much, as their text says. What a function
does that a statement calls is not seen: take one yourself before you call what deletes. A database in memory has none.
A snapshot is named by its id or the beginning of it, by its label, or as \`latest\`. \`wardian snapshots NAME\`
lists them.`
