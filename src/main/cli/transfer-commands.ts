/**
 * `wardian dump` and `restore`: their flags, and what each is called in the contract. The commands themselves are
 * elsewhere, and loaded when they run.
 */

import { Option, type Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { givenPath, withData } from './command-options.ts'
import type { CopyCommandOptions } from './copy-command.ts'
import type { DumpCommandOptions } from './dump-command.ts'
import type { MigrateCommandOptions } from './migrate-command.ts'
import type { RestoreCommandOptions } from './restore-command.ts'
import { withScope } from './transfer-scope.ts'

export function addTransferCommands(root: Command, context: CommandContext): void {
  addCopyCommand(root, context)
  addMigrateCommand(root, context)
  withScope(withData(root.command('dump').description('write a database as SQL or as an archive of pg_dump')))
    .argument('<database>', 'name of the instance, or a postgres:// URL')
    .addOption(
      new Option('--format <format>', 'how to write it').choices(['sql', 'custom', 'tar']).default('sql'),
    )
    .option('--output <file>', 'write to this file instead of stdout', givenPath)
    .option('--inserts', 'write rows as INSERT commands, for databases that have no COPY')
    .option('--clean', 'drop what is there before it is made')
    .option('--json', 'print {"file", "bytes", "durationMs"} at the end; needs --output')
    .addHelpText('after', dumpHelp)
    .action(async (database: string, options: DumpCommandOptions) => {
      const { runDump } = await import('./dump-command.ts')
      await runDump(context, database, options)
    })
  withData(root.command('restore').description('run a dump or another SQL script: all of it or nothing'))
    .argument('<database>', 'name of the instance, made if there is none, or a postgres:// URL')
    .argument('<file>', "the file; '-' reads stdin")
    .option('--no-owner', 'leave out who owned what')
    .option('--no-privileges', 'leave out what was granted')
    .option('--json', 'print {"target", "statements", "rows", "bytes", "durationMs"} at the end')
    .addHelpText('after', restoreHelp)
    .action(async (database: string, file: string, options: RestoreCommandOptions) => {
      const { runRestore } = await import('./restore-command.ts')
      await runRestore(context, { database, file }, options)
    })
}

function addMigrateCommand(root: Command, context: CommandContext): void {
  withData(root.command('migrate').description('bring an instance of an earlier Postgres to this version'))
    .argument('<name>', 'name of the instance')
    .option('--json', 'print {"instance", "tables", "rows", "bytes", …} at the end')
    .addHelpText('after', migrateHelp)
    .action(async (name: string, options: MigrateCommandOptions) => {
      const { runMigrate } = await import('./migrate-command.ts')
      await runMigrate(context, name, options)
    })
}

function addCopyCommand(root: Command, context: CommandContext): void {
  withScope(withData(root.command('copy').description('copy a database into another, and compare them')))
    .argument('<from>', 'name of the instance, or a postgres:// URL')
    .argument('<to>', 'name of an instance, made if there is none, or a postgres:// URL')
    .option('--json', 'print {"target", "tables", "rows", "bytes", …} at the end')
    .addHelpText('after', copyHelp)
    .action(async (from: string, to: string, options: CopyCommandOptions) => {
      const { runCopy } = await import('./copy-command.ts')
      await runCopy(context, { from, to }, options)
    })
}

const migrateHelp = `
Directories that PGlite with Postgres 17 has written are read by that Postgres, from a copy; what it dumps becomes a
new directory, which is compared, and then takes the place. The old one is kept beside it. Interrupted at any moment,
the instance has the one or the other, whole.`

const dumpHelp = `
The dump is of one moment: it is made in one transaction, for which others who use the instance wait. Patterns are
those of pg_dump and psql: * and ? stand for characters, and "Name" keeps capitals. Formats:
  sql     text for psql, or for \`wardian restore\`
  custom  an archive for pg_restore, compressed
  tar     an archive for pg_restore
pg_dump's directory format, which several connections write, is not offered: an instance has one.
A file is there when it is complete; what is interrupted leaves none.`

const copyHelp = `
What may stand against it (versions, extensions, roles that are missing, what is there already) is told before
anything is done. It is one transaction on each side: rows, sequences and large objects are compared before it is
committed, and when anything fails or differs, or it is interrupted, the target is as it was before.`

const restoreHelp = `
Everything is one transaction: when anything fails, or it is interrupted, the instance is as it was before, and one
that was made for it is gone. Errors name the line. Archives (custom, tar) are read by pg_restore alone:
  pg_restore -f - FILE | wardian restore NAME -
What a dump says of the database itself (CREATE DATABASE, \\connect) is left out: the instance is the database.`
