/** The grid in the gallery: values that must be told apart, in both row heights, and a result without rows. */

import type { ReactElement } from 'react'
import { columnKinds } from '../../src/contract/column-batch.ts'
import { GridPane } from '../../src/renderer/grid/grid-pane.tsx'
import { TestRows } from '../../test/support/grid-rows.ts'
import { GallerySection } from './gallery-section.tsx'

const { text, int32, int64, float64, bool } = columnKinds

const columns = [
  { name: 'id', kind: int32, values: [1, 2, 3] },
  { name: 'told_apart', kind: text, values: [null, '', 'NULL'] },
  { name: 'large', kind: int64, values: [9_007_199_254_740_993n, -1n, null] },
  { name: 'ratio', kind: float64, values: [0.1, Infinity, NaN] },
  { name: 'is_open', kind: bool, values: [true, false, null] },
  {
    ...{ name: 'ordered_at', kind: text, typeOid: 1184, typeName: 'timestamptz' },
    values: ['2024-01-01 00:26:17+00', '2024-01-01 05:30:00.123456+05:30', 'infinity'],
  },
  { name: 'long', kind: text, values: ['a word '.repeat(60), 'two\nlines', 'ends in space '] },
]

const filled = new TestRows(columns)
const empty = new TestRows(columns.map((column) => ({ ...column, values: [] })))

export function GridSection(): ReactElement {
  return (
    <>
      {(['compact', 'comfortable'] as const).map((rowHeight) => (
        <GallerySection key={rowHeight} title={`Grid, ${rowHeight}`} isWide>
          <div className="frame">
            <GridPane source={filled} rowHeight={rowHeight} label={`Rows, ${rowHeight}`} />
          </div>
        </GallerySection>
      ))}
      <GallerySection title="Grid without rows" isWide>
        <div className="frame">
          <GridPane source={empty} rowHeight="compact" label="No rows" />
        </div>
      </GallerySection>
    </>
  )
}
