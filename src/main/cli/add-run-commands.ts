/** How `wardian run` is called. What it does is loaded when it runs. */

import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { givenPath, withData } from './command-options.ts'
import type { RunOptions } from './run-command.ts'

export function addRunCommands(root: Command, context: CommandContext): void {
  withData(root.command('run').description('run a program with a database of its own'))
    .argument('[words...]', 'name of the instance, then -- and the program with its arguments')
    .usage('[NAME | --temporary | --fork NAME] [options] -- COMMAND…')
    .option('--temporary', 'a new, empty database, gone when the program has ended')
    .option('--fork <name>', 'a copy of this instance, gone when the program has ended')
    .option('--from <file>', 'run this SQL first, in what is gone afterwards; may be repeated', gathered, [])
    .option('--fork-per-connection', 'give each connection a copy, gone when it leaves')
    .addHelpText('after', runHelp)
    .action(async (words: string[], options: RunOptions) => {
      const { runProgram } = await import('./run-command.ts')
      await runProgram(context, words, options)
    })
}

function gathered(path: string, before: readonly string[]): readonly string[] {
  return [...before, givenPath(path)]
}

const runHelp = `
The program finds the database in DATABASE_URL, and in PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE. Its exit
code is this command's, 128 and the number of the signal where one has ended it; signals are passed on to it.

--temporary has a host of its own, so that any number of them run next to each other. A copy is made in memory, by
the host that runs on the data directory, else by one that ends with this command. What is temporary is gone
whatever happens, also when this command or the host is killed.

  wardian run --temporary --from schema.sql -- npm test
  wardian run --fork shop -- psql
  wardian run shop -- ./migrate`
