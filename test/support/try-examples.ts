/** A report of a trial, and of its being applied, with every kind of entry once. */

import type { TryApplied, TryReport } from '../../src/contract/try-report.ts'
import { everySqlField } from './probe-server.ts'

export const exampleTryReport: TryReport = {
  sha256: 'a'.repeat(64),
  position: '761',
  mode: 'script',
  wouldSucceed: false,
  leavesTransactionOpen: false,
  fitsOneTransaction: true,
  failure: {
    ...{ statementIndex: 1, line: 3, column: 9, statement: 'select 1/0' },
    error: { code: 'sql-error', message: 'division by zero', sql: everySqlField },
  },
  statements: [
    {
      ...{ index: 0, start: 0, length: 40, line: 1, text: `update customers set city = 'Lyon'` },
      ...{ status: 'ok', commandTag: 'UPDATE 2', rowCount: 2, durationMs: 1.5 },
      ...{
        notices: [everySqlField],
        noticesLeftOut: 1,
        plan: 'Update on customers',
        outside: 'waits (pg_sleep)',
      },
    },
    {
      ...{ index: 1, start: 42, length: 10, line: 3, text: 'select 1/0', status: 'failed' },
      ...{ commandTag: null, rowCount: 0, durationMs: 0.2, notices: [], noticesLeftOut: 0 },
      ...{ plan: null, outside: null },
    },
  ],
  statementsRun: 2,
  statementsTotal: 3,
  objects: [
    {
      kind: 'table',
      name: 'public.customers',
      change: 'changed',
      difference: ' create table\n+  mail text\n-  fax text',
    },
  ],
  objectsLeftOut: 1,
  tables: [
    {
      ...{ name: 'public.customers', kind: 'table', fate: 'kept', rowsBefore: 10, rowsAfter: 10 },
      ...{ inserted: 1, updated: 2, deleted: 1, isExact: true, isRewritten: false, columns: ['id', 'city'] },
      samples: [
        { change: 'inserted', before: null, after: ['11', null] },
        { change: 'updated', before: ['1', 'Paris'], after: ['1', 'Lyon'] },
        { change: 'deleted', before: ['3', ''], after: null },
      ],
    },
  ],
  tablesLeftOut: 0,
  sequences: [{ name: 'public.customers_id_seq', before: '10', after: '11' }],
  remarks: ['Plans could not be recorded.'],
  copyMs: 12.5,
  runMs: 1.7,
  compareMs: 20,
}

export const exampleTryApplied: TryApplied = {
  ...{ wasOneTransaction: true, statementsRun: 2, durationMs: 3.5, snapshotId: 's1' },
  ...{ remark: null, failure: exampleTryReport.failure },
}
