/** What the console says of runs, in the gallery: every kind of message. */

import type { ReactElement } from 'react'
import type { SqlErrorFields } from '../../src/contract/error.ts'
import type { StatementOutcome } from '../../src/contract/statement.ts'
import { MessagesView } from '../../src/renderer/console/messages-view.tsx'
import type { ConsoleMessage } from '../../src/renderer/state/console-model.ts'
import { emptyOutcome } from '../../test/support/int4-batch.ts'
import { GallerySection } from './gallery-section.tsx'

const fields: SqlErrorFields = {
  ...{ severity: 'ERROR', code: '42703', message: 'column "nme" does not exist' },
  ...{
    detail: 'A detail of the error.',
    hint: 'Perhaps you meant to reference the column "customers.name".',
  },
  ...{ position: 8, internalPosition: null, internalQuery: null, where: null, schema: 'public' },
  ...{ table: 'customers', column: null, dataType: null, constraint: null },
  ...{ file: 'parse_relation.c', line: '3722', routine: 'errorMissingColumn' },
}

const plain = { detail: null, hint: null, position: null }

function completed(id: number, statement: string, outcome: Partial<StatementOutcome>): ConsoleMessage {
  const whole = { ...emptyOutcome, ...outcome }
  return { id: `completed ${id}`, kind: 'completed', statementIndex: id, statement, outcome: whole }
}

function notice(severity: string, message: string): ConsoleMessage {
  const told = { ...fields, ...plain, severity, code: '00000', message }
  return { id: severity, kind: 'notice', statementIndex: 1, notice: told }
}

const messages: readonly ConsoleMessage[] = [
  completed(0, 'select * from orders', { commandTag: 'SELECT 2000', rowCount: 2_000, durationMs: 12 }),
  completed(1, 'select * from order_items', { status: 'cut', rowCount: 5_000, resultBytes: 512 << 20 }),
  notice('NOTICE', 'relation "shops" already exists, skipping'),
  notice('WARNING', 'there is no transaction in progress'),
  { id: 'remark', kind: 'remark', statementIndex: 1, text: 'This is a new session: the database restarted' },
  {
    ...{ id: 'cancelled', kind: 'failed', statementIndex: 2, statement: 'select pg_sleep(100)' },
    error: { code: 'cancelled', message: 'canceling statement due to user request', sql: null },
    ...{ durationMs: 1_500, mark: null },
  },
  {
    ...{ id: 'failed', kind: 'failed', statementIndex: 3, statement: 'select nme from customers' },
    error: { code: 'sql-error', message: fields.message, sql: fields },
    ...{ durationMs: 3, mark: { start: 7, length: 3 } },
  },
]

export function ConsoleSections(): ReactElement {
  return (
    <GallerySection title="Messages" isWide>
      <div style={{ width: '100%' }}>
        <MessagesView messages={messages} />
      </div>
    </GallerySection>
  )
}
