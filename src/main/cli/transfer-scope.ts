/**
 * The flags of commands that move a part of a database, and what they are called in the contract. Their names are
 * pg_dump's. Knows no command.
 */

import { Option, type Command } from 'commander'
import type { TransferScope } from '../../contract/transfer.ts'

/** As commander has read them. */
export interface ScopeOptions {
  readonly schemaOnly?: true
  readonly dataOnly?: true
  readonly owner: boolean
  readonly privileges: boolean
  readonly schema: readonly string[]
  readonly table: readonly string[]
  readonly excludeTable: readonly string[]
}

export function withScope(command: Command): Command {
  const collect = (value: string, known: readonly string[]): readonly string[] => [...known, value]
  const some: readonly string[] = []
  return command
    .addOption(new Option('--schema-only', 'definitions without rows').conflicts('dataOnly'))
    .option('--data-only', 'rows without definitions')
    .option('--no-owner', 'leave out who owns what')
    .option('--no-privileges', 'leave out what is granted')
    .option('--schema <pattern>', 'only schemas of that name; can be given more than once', collect, some)
    .option('--table <pattern>', 'only tables of that name; can be given more than once', collect, some)
    .option(
      '--exclude-table <pattern>',
      'without tables of that name; can be given more than once',
      collect,
      some,
    )
}

export function scopeOf(options: ScopeOptions): TransferScope {
  const only = options.schemaOnly ? 'schema' : 'data'
  return {
    content: options.schemaOnly || options.dataOnly ? only : 'all',
    noOwner: !options.owner,
    noPrivileges: !options.privileges,
    schemas: options.schema,
    tables: options.table,
    excludedTables: options.excludeTable,
  }
}
