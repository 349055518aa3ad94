/** What is listed beside the editor, in the gallery: the history, the tree, and the value of a cell. */

import { useState, type ReactElement } from 'react'
import { columnKinds } from '../../src/contract/column-batch.ts'
import type { HistoryEntry } from '../../src/contract/workspace.ts'
import { ExplorerTree } from '../../src/renderer/explorer/explorer-tree.tsx'
import { CellDetail } from '../../src/renderer/grid/cell-detail.tsx'
import { HistoryRow } from '../../src/renderer/history/history-row.tsx'
import type { ExplorerItem } from '../../src/renderer/state/explorer-model.ts'
import { TestRows } from '../../test/support/grid-rows.ts'
import { GallerySection, nothing } from './gallery-section.tsx'

const nowMs = Date.UTC(2026, 0, 2, 12)

const ends: readonly (Pick<HistoryEntry, 'status'> & Partial<HistoryEntry>)[] = [
  { status: 'running', durationMs: null, commandTag: null, rowCount: null },
  { status: 'ok', rowCount: 2_000 },
  { status: 'cut', rowCount: 5_000 },
  { status: 'failed', errorCode: '42703', errorMessage: 'column "nme" does not exist' },
  { status: 'cancelled' },
  { status: 'interrupted', instanceName: 'another database' },
]

const entries = ends.map((end, id): HistoryEntry => {
  const text = '-- the comment before\nselect *\nfrom customers c join orders o using (customer_id)'
  return {
    ...{ id, text, isTextCut: false, instanceName: 'playground', startedAtMs: nowMs - id * 3_600_000 },
    ...{ durationMs: 1_234, rowCount: null, commandTag: 'SELECT', errorCode: null, errorMessage: null },
    ...end,
  }
})

type ItemKind = ExplorerItem['kind']

function treeItem(kind: ItemKind, label: string, rest: Partial<ExplorerItem> = {}): ExplorerItem {
  const { children = [], hasChildren = children.length > 0, detail = '' } = rest
  return { id: label, kind, label, detail, node: null, relationName: null, hasChildren, children }
}

const leaves: readonly (readonly [ItemKind, string])[] = [
  ['table', '~40,000 rows'],
  ['partitioned-table', ''],
  ['foreign-table', ''],
  ['view', ''],
  ['materialized-view', ''],
  ['function', '(a integer, b text)'],
  ['procedure', ''],
  ['aggregate', ''],
  ['type', 'enum'],
  ['sequence', ''],
  ['column', 'timestamp with time zone'],
  ['index', 'btree (ordered_at)'],
  ['trigger', ''],
  ['constraint', 'CHECK (price > 0)'],
]

const items: readonly ExplorerItem[] = [
  treeItem('schema', 'public', {
    children: [
      treeItem('folder', 'everything', {
        children: leaves.map(([kind, detail]) => treeItem(kind, kind.replace('-', '_'), { detail })),
      }),
      treeItem('notice', 'Reading…'),
    ],
  }),
  treeItem('schema', 'closed', { hasChildren: true }),
]

const values = new TestRows([
  { name: 'nothing', kind: columnKinds.text, values: [null] },
  { name: 'empty', kind: columnKinds.text, values: [''] },
  {
    ...{ name: 'preferences', kind: columnKinds.text, typeOid: 3802, typeName: 'jsonb' },
    values: ['{"theme": "dark", "tags": ["a", "b"], "none": null}'],
  },
  {
    ...{ name: 'ordered_at', kind: columnKinds.text, typeOid: 1184, typeName: 'timestamptz' },
    values: ['2024-01-01 05:30:00.123456+05:30'],
  },
])

export function ListSections(): ReactElement {
  const [expandedIds, expand] = useState<ReadonlySet<string>>(new Set(['public', 'everything']))
  return (
    <>
      <GallerySection title="History">
        {entries.map((entry) => (
          <div key={entry.id} style={{ width: '100%' }}>
            <HistoryRow entry={entry} nowMs={nowMs} currentName="playground" />
          </div>
        ))}
      </GallerySection>
      <GallerySection title="Tree">
        <div className="frame tall">
          <ExplorerTree {...{ items, expandedIds, onExpand: expand, onAction: nothing }} rowHeightPx={24} />
        </div>
      </GallerySection>
      {values.columns.map(({ name }, column) => (
        <GallerySection key={name} title={`Value of ${name}`}>
          <div className="frame panel">
            <CellDetail
              {...{ source: values, position: { row: 0, column }, onCopy: nothing, onClose: nothing }}
            />
          </div>
        </GallerySection>
      ))}
    </>
  )
}
