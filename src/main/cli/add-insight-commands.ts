/** `wardian top`, `stats` and `report` as the command line knows them: their arguments, flags and help. */

import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ReportFormat, ReportPart } from '../../contract/insight.ts'
import { statementOrders, statementRowsMax } from '../../contract/statistics.ts'
import type { CommandContext } from './command-context.ts'
import { givenPath, withData } from './command-options.ts'
import type { ReportOptions, StatsOptions, TopOptions } from './insight-commands.ts'
import { timeSpan } from './time-span.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const formats: readonly ReportFormat[] = ['html', 'json', 'csv']
const parts: readonly ReportPart[] = ['statements', 'tables', 'indexes', 'findings', 'series']

export function addInsightCommands(root: Command, context: CommandContext): void {
  withData(root.command('top').description('list the statements that took the most'))
    .argument('<name>', 'name of the instance')
    .addOption(
      new Option('--by <order>', 'what to sort by').choices([...statementOrders]).default('totalTime'),
    )
    .addOption(since(hourMs, '1h'))
    .option('--limit <number>', 'how many at most', rowLimit, 20)
    .option('--search <text>', 'only those in whose text this occurs', '')
    .option('--json', 'print them as one JSON document')
    .action(async (name: string, options: TopOptions) => {
      const { runTop } = await import('./insight-commands.ts')
      await runTop(context, name, options)
    })
  withData(root.command('stats').description('tell of tables, caches, and what could be better'))
    .argument('<name>', 'name of the instance')
    .option('--json', 'print it as one JSON document')
    .addHelpText('after', statsHelp)
    .action(async (name: string, options: StatsOptions) => {
      const { runStats } = await import('./insight-commands.ts')
      await runStats(context, name, options)
    })
  withData(root.command('report').description('write a report of how an instance performs'))
    .argument('<name>', 'name of the instance')
    .requiredOption('-o, --output <file>', "the file; '-' is stdout", givenPath)
    .addOption(new Option('--format <format>', "by default by the file's name, else html").choices(formats))
    .addOption(new Option('--part <part>', 'the rows of a CSV file').choices(parts).default('statements'))
    .addOption(since(dayMs, '24h'))
    .addHelpText('after', reportHelp)
    .action(async (name: string, options: ReportOptions) => {
      const { runReport } = await import('./insight-commands.ts')
      await runReport(context, name, options)
    })
}

function since(spanMs: number, shown: string): Option {
  return new Option('--since <span>', 'how far back, such as 15m, 24h or 7d')
    .argParser(timeSpan)
    .default(spanMs, shown)
}

function rowLimit(text: string): number {
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= statementRowsMax) return limit
  throw new InvalidArgumentError(`A limit is a whole number from 1 to ${statementRowsMax}.`)
}

const statsHelp = `
The instance is started if it does not run. Each finding has the statement that would mend it, and what takes that back;
nothing is changed. With --json: {"tables", "indexes", "health"}.`

const reportHelp = `
The HTML file opens anywhere, runs nothing and asks for nothing. It has texts of statements without their literals,
and definitions of tables and indexes.`
