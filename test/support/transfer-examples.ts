/** One example of each row of the contract that moves whole databases. */

import { wholeDatabase } from '../../src/contract/transfer.ts'

export const transferExamples = {
  'transfer.dump': {
    params: {
      source: { kind: 'instance', instanceId: 'i1' },
      options: { format: 'custom', inserts: false, clean: true, scope: wholeDatabase },
    },
    chunks: [
      { kind: 'progress', phase: 'data', table: 'public."Orders"', bytes: 1, bytesTotal: null },
      { kind: 'notice', text: 'pg_dump: warning: careful' },
      { kind: 'data' },
    ],
    result: { bytes: 1_100_476, durationMs: 786 },
  },
  'transfer.upload': { params: { uploadId: 'u1', isLast: true }, result: null },
  'transfer.restore': {
    params: {
      ...{ uploadId: 'u1', bytesTotal: 4_043_143, noOwner: true, noPrivileges: false },
      target: { kind: 'newInstance', name: 'shop' },
    },
    chunks: [{ kind: 'notice', text: 'NOTICE:  hello' }],
    result: { targetName: 'shop', statements: 120, rows: 60_000, bytes: 4_043_143, durationMs: 900 },
  },
  'transfer.copy': {
    params: {
      source: { kind: 'instance', instanceId: 'i1' },
      target: { kind: 'url', url: 'postgres://owner@db.example.org/shop?sslmode=require' },
      scope: { ...wholeDatabase, tables: ['public.*'] },
    },
    chunks: [{ kind: 'progress', phase: 'verifying', table: 'public.orders', bytes: 9, bytesTotal: null }],
    result: {
      ...{ targetName: 'shop on db.example.org:5432', tables: 9, rows: 60_000 },
      ...{ sequences: 7, largeObjects: 0, bytes: 4_043_143, durationMs: 2_000 },
    },
  },
  'transfer.migration': {
    params: { instanceId: 'i1' },
    result: { fromVersion: '17', toVersion: '18' },
  },
  'transfer.migrate': {
    params: { instanceId: 'i1' },
    chunks: [{ kind: 'progress', phase: 'copying-files', table: null, bytes: 0, bytesTotal: null }],
    result: {
      ...{ targetName: 'shop', tables: 9, rows: 60_000 },
      ...{ sequences: 7, largeObjects: 0, bytes: 4_043_143, durationMs: 9_000 },
    },
  },
} as const
