/** `wardian try` as the command line knows it: its arguments, flags and help. */

import { Argument, type Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { withData } from './command-options.ts'
import type { TryOptions } from './try-command.ts'

export function addTryCommands(root: Command, context: CommandContext): void {
  withData(
    root.command('try').description('run a script on a copy that is thrown away, and tell what it would do'),
  )
    .argument('<name>', 'name of the instance')
    .addArgument(new Argument('<file>', "the script; '-' reads it from stdin"))
    .option('--transaction', 'run it as one transaction: everything or nothing')
    .option('--plans', 'print the plan of each statement, too')
    .option('--apply', 'if all of it would succeed, run it on the instance')
    .option('--json', 'print the report as one JSON document')
    .addHelpText('after', tryHelp)
    .action(async (name: string, file: string, options: TryOptions) => {
      const { runTry } = await import('./try-command.ts')
      await runTry(context, { name, file }, options)
    })
}

const tryHelp = `
The copy has what is committed. Told are: schema, rows and sequences that would be different (what triggers, cascades
and partitions do included), each statement with its time, and the first error with its place. The exit code is 0 when
the whole script would succeed, else 1.
--apply runs the same text on the instance right afterwards, as one transaction where its statements allow that, and
refuses if somebody has written to the instance meanwhile.
With --json: {"report", "applied"}; applied is null without --apply.`
