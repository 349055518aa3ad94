/** What a line of the database tree says beside its name. */

import { describe, expect, it } from 'vitest'
import { catalogNode } from '../../../test/support/catalog-nodes.ts'
import { buildTree, levelKey } from './explorer-model.ts'

describe('a line of the tree', () => {
  it('says how many rows a table has, and shows a dash where nobody has counted them', () => {
    const schema = catalogNode('schema', 'public', 1)
    const tables = [
      { ...catalogNode('table', 'orders', 2), rowEstimate: 40_000 },
      { ...catalogNode('table', 'empty', 3), rowEstimate: 0 },
      catalogNode('partitioned-table', 'parts', 4),
    ]
    const level = (nodes: readonly (typeof schema)[]) => {
      return { nodes, total: nodes.length, isLoading: false, failure: null }
    }
    const levels = new Map([
      [levelKey('root', 0), level([schema])],
      [levelKey('tables', 1), level(tables)],
      [levelKey('views', 1), level([catalogNode('view', 'seen', 5)])],
    ])
    const folders = buildTree({ levels, searched: null })[0]?.children ?? []
    const lines = folders.flatMap(({ children }) => children.map(({ label, detail }) => [label, detail]))
    expect(lines).toEqual([
      ['orders', '40k'],
      ['empty', '0'],
      ['parts', '–'],
      ['seen', ''],
    ])
  })
})
