/** How the command about kept results is called. What it does is loaded when it runs. */

import { InvalidArgumentError, type Command } from 'commander'
import { cacheBytesBounds } from '../../contract/cache.ts'
import type { CacheCommandOptions } from './cache-command.ts'
import type { CommandContext } from './command-context.ts'
import { withData } from './command-options.ts'

export function addCacheCommands(root: Command, context: CommandContext): void {
  withData(root.command('cache').description('show or set what an instance keeps of results'))
    .argument('<name>', 'name of the instance')
    .option('--on', 'keep results of queries, and answer with them while they are true')
    .option('--off', 'keep nothing')
    .option('--bytes <size>', 'keep this much at most, such as 64MB', sizeGiven)
    .option('--max-age <seconds>', 'run a query again after so long, 0 for never', secondsGiven)
    .option('--clear', 'forget what is kept')
    .option('--json', 'print the state as JSON')
    .addHelpText('after', cacheHelp)
    .action(async (name: string, options: CacheCommandOptions) => {
      const { runCache } = await import('./cache-command.ts')
      await runCache(context, name, options)
    })
}

const units: Readonly<Record<string, number>> = { '': 1, KB: 1 << 10, MB: 1 << 20, GB: 1 << 30 }

function sizeGiven(text: string): number {
  const [, digits, unit] = /^(\d+)\s*([KMG]B)?$/i.exec(text) ?? []
  const bytes = Number(digits) * (units[(unit ?? '').toUpperCase()] ?? 1)
  const { min, max } = cacheBytesBounds
  if (digits !== undefined && bytes >= min && bytes <= max) return bytes
  throw new InvalidArgumentError('A size is written as 64MB, from 1MB to 4GB.')
}

function secondsGiven(text: string): number {
  const seconds = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(seconds * 1_000)) return seconds
  throw new InvalidArgumentError('A number of seconds is whole, and 0 or more.')
}

const cacheHelp = `
A result is kept where Postgres itself says that its query only reads, and answered again until one of its tables is
written, by whomever. Settings are kept with the instance; results live in the host's memory, and end with it.`
