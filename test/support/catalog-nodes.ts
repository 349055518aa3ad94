/** Nodes of a database tree for tests, with the fields that a test does not care about filled in. */

import type { CatalogNode } from '../../src/contract/catalog.ts'

export function catalogNode(kind: CatalogNode['kind'], name: string, oid: number): CatalogNode {
  const nothing = { detail: null, rowEstimate: null, comment: null }
  return { oid, kind, name, ...nothing, isKey: false, isNullable: true, qualifiedName: `public.${name}` }
}
