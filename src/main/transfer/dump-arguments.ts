/**
 * What pg_dump is called with (PostgreSQL 18 documentation, reference pages of pg_dump). Knows no process.
 */

import type { DumpOptions, TransferScope } from '../../contract/transfer.ts'

const formats: Readonly<Record<DumpOptions['format'], string>> = {
  sql: 'plain',
  custom: 'custom',
  tar: 'tar',
}

export function dumpArguments(options: DumpOptions): string[] {
  return [
    `--format=${formats[options.format]}`,
    ...(options.inserts ? ['--inserts'] : []),
    ...(options.clean ? ['--clean', '--if-exists'] : []),
    ...scopeArguments(options.scope),
  ]
}

function scopeArguments(scope: TransferScope): string[] {
  const { content, schemas, tables, excludedTables } = scope
  return [
    ...(content === 'all' ? [] : [`--${content}-only`]),
    ...(scope.noOwner ? ['--no-owner'] : []),
    ...(scope.noPrivileges ? ['--no-privileges'] : []),
    // What was asked for by name and is not there is an error rather than an empty dump.
    ...(schemas.length + tables.length > 0 ? ['--strict-names'] : []),
    ...schemas.map((pattern) => `--schema=${pattern}`),
    ...tables.map((pattern) => `--table=${pattern}`),
    ...excludedTables.map((pattern) => `--exclude-table=${pattern}`),
  ]
}
