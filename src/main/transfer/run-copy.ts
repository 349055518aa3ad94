/**
 * A copy of one database into another: what pg_dump writes of the one is run on the other as it comes, compared, and
 * committed; all of it, or nothing. Knows no instance.
 */

import type { CopyReport, TransferProgress, TransferScope } from '../../contract/transfer.ts'
import { compareDatabases, sequencesQuery, type Compared } from './copy-comparison.ts'
import { checkCopy } from './copy-preflight.ts'
import { dumpArguments } from './dump-arguments.ts'
import { LinkClient } from './link-client.ts'
import { runPgDump } from './pg-dump-run.ts'
import type { ProgressTeller } from './progress-stream.ts'
import type { ProtocolLink } from './protocol-link.ts'
import { runRestore } from './run-restore.ts'

export interface RunCopyOptions {
  readonly source: ProtocolLink
  readonly target: ProtocolLink
  readonly scope: TransferScope
  /** As of PreflightOptions. */
  readonly makesRoles: boolean
  /** As of RunRestoreOptions. */
  readonly analyzes: boolean
  readonly signal: AbortSignal
  readonly tell: ProgressTeller
}

const checking: TransferProgress = { phase: 'checking', table: null, bytes: 0, bytesTotal: null }

export async function runCopy(options: RunCopyOptions): Promise<Omit<CopyReport, 'durationMs'>> {
  const { source, target, scope, makesRoles, signal, tell } = options
  const notice = (text: string): void => tell.notice(text)
  tell.progress(checking)
  const clients = { source: new LinkClient({ link: source }), target: new LinkClient({ link: target }) }
  await checkCopy({ ...clients, scope, makesRoles, notice })
  const sequencesBefore = await clients.source.query(sequencesQuery)
  const dumped: string[] = []
  const dump = runPgDump({
    ...{ link: source, signal },
    arguments: dumpArguments({ format: 'sql', inserts: false, clean: false, scope }),
    onTable: (table) => dumped.push(table),
    onRemark: notice,
  })
  let compared: Compared = { tables: 0, rows: 0, sequences: 0, largeObjects: 0 }
  const { bytes } = await runRestore({
    ...{ client: clients.target, source: dump, bytesTotal: null, signal, tell },
    // pg_dump has left them out.
    ...{ noOwner: false, noPrivileges: false, analyzes: options.analyzes },
    verify: async (advance) => {
      if (scope.content === 'schema') return
      compared = await compareDatabases({
        ...clients,
        tables: isWhole(scope) ? null : dumped,
        sequencesBefore,
        onTable: (table) => advance({ phase: 'verifying', table }),
        notice,
      })
    },
  })
  return { ...compared, bytes, targetName: target.title }
}

function isWhole({ content, schemas, tables, excludedTables }: TransferScope): boolean {
  return content === 'all' && schemas.length + tables.length + excludedTables.length === 0
}
