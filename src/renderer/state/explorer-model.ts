/**
 * The database tree as data: which levels lie under what, and how answers of the catalog become the nested items
 * that a tree shows. Pure; knows neither the host nor any component.
 */

import type { CatalogNode, CatalogParent } from '../../contract/catalog.ts'

export type CatalogLevel = CatalogParent['level']
export type CatalogKind = CatalogNode['kind']

/** One level under one parent, as it was last asked for. */
export interface LoadedLevel {
  readonly nodes: readonly CatalogNode[]
  /** More than there are nodes when the answer was cut. */
  readonly total: number
  readonly isLoading: boolean
  readonly failure: string | null
}

/** A line of the tree. */
export interface ExplorerItem {
  /** Unique in the tree; the same after a refresh. */
  readonly id: string
  readonly kind: CatalogKind | 'folder' | 'notice'
  readonly label: string
  /** Type of a column, estimate of rows, definition of an index…; empty for none. */
  readonly detail: string
  /** Null for folders and notices. */
  readonly node: CatalogNode | null
  /** Name of the relation that a column belongs to, null for everything else. */
  readonly relationName: string | null
  readonly hasChildren: boolean
  readonly children: readonly ExplorerItem[]
}

const schemaFolders: readonly CatalogLevel[] = ['tables', 'views', 'functions', 'sequences', 'types']
/** Levels searched by the filter. */
export const filteredLevels: readonly CatalogLevel[] = ['tables', 'views', 'functions']
const tableFolders: readonly CatalogLevel[] = ['indexes', 'constraints', 'triggers']

const relationKinds: ReadonlySet<CatalogKind> = new Set<CatalogKind>([
  'table',
  'partitioned-table',
  'foreign-table',
  'view',
  'materialized-view',
])

/** Whether a schema is the engine's own: not searched by the filter unless it is open. */
export function isSystemSchema(name: string): boolean {
  return name === 'information_schema' || name.startsWith('pg_')
}

/** Whether rows can be read from it. */
export function isRelation(kind: ExplorerItem['kind']): boolean {
  return relationKinds.has(kind as CatalogKind)
}

export function levelKey(level: CatalogLevel, parentOid: number): string {
  return `${level}:${parentOid}`
}

/** The level that opening an item needs, of those that `levelKey` names; null for items without one. */
export function levelsUnder(item: ExplorerItem): readonly { level: CatalogLevel; parentOid: number }[] {
  if (item.kind === 'folder') {
    const [level = '', oid = ''] = item.id.split(':')
    return [{ level: level as CatalogLevel, parentOid: Number(oid) }]
  }
  if (item.node && isRelation(item.kind)) return [{ level: 'columns', parentOid: item.node.oid }]
  return []
}

export interface TreeInput {
  readonly levels: ReadonlyMap<string, LoadedLevel>
  /** Oids of the schemas that are searched while one filters, what does not match being left out; else null. */
  readonly searched: ReadonlySet<number> | null
}

/** All items, whether their parents are open or not; what is not loaded has no children yet. */
export function buildTree(input: TreeInput): readonly ExplorerItem[] {
  const items = childrenOf(input, { level: 'root', parentOid: 0, relationName: null }, (schema) =>
    schemaItem(input, schema),
  )
  return input.searched ? items.filter(({ hasChildren }) => hasChildren) : items
}

interface LevelPlace {
  readonly level: CatalogLevel
  readonly parentOid: number
  readonly relationName: string | null
}

function childrenOf(
  { levels }: TreeInput,
  { level, parentOid, relationName }: LevelPlace,
  itemOf: (node: CatalogNode) => ExplorerItem,
): ExplorerItem[] {
  const key = levelKey(level, parentOid)
  const loaded = levels.get(key)
  if (!loaded) return []
  const items = loaded.nodes.map(itemOf)
  const notice = noticeOf(loaded)
  if (notice !== null) items.push(noticeItem(`${key}/notice`, notice, relationName))
  return items
}

function noticeOf({ nodes, total, isLoading, failure }: LoadedLevel): string | null {
  if (failure !== null) return failure
  if (isLoading && nodes.length === 0) return 'Loading…'
  if (total > nodes.length) return `${(total - nodes.length).toLocaleString('en')} more; filter to find them`
  return nodes.length === 0 && !isLoading ? 'None' : null
}

function noticeItem(id: string, label: string, relationName: string | null): ExplorerItem {
  const nothing = { detail: '', node: null, hasChildren: false, children: [] }
  return { id, kind: 'notice', label, relationName, ...nothing }
}

function schemaItem(input: TreeInput, node: CatalogNode): ExplorerItem {
  const { searched } = input
  const levels = searched ? filteredLevels : schemaFolders
  const folders = (searched && !searched.has(node.oid) ? [] : levels)
    .map((level) => folderItem(input, { level, parentOid: node.oid, relationName: null }))
    .filter((folder) => !searched || (input.levels.has(folder.id) && hasMatches(folder)))
  return nodeItem(node, { children: folders, hasChildren: folders.length > 0 })
}

function hasMatches(folder: ExplorerItem): boolean {
  return folder.children.some(({ kind, label }) => kind !== 'notice' || label !== 'None')
}

function folderItem(input: TreeInput, place: LevelPlace): ExplorerItem {
  const id = levelKey(place.level, place.parentOid)
  const loaded = input.levels.get(id)
  const isCounted = loaded !== undefined && !loaded.isLoading && loaded.failure === null
  return {
    id,
    kind: 'folder',
    label: place.level,
    detail: isCounted ? loaded.total.toLocaleString('en') : '',
    node: null,
    relationName: place.relationName,
    hasChildren: true,
    children: childrenOf(input, place, (node) => objectItem(input, node, place.relationName)),
  }
}

function objectItem(input: TreeInput, node: CatalogNode, relationName: string | null): ExplorerItem {
  if (!isRelation(node.kind)) return nodeItem(node, { relationName })
  const place = { parentOid: node.oid, relationName: node.qualifiedName }
  const columns = childrenOf(input, { ...place, level: 'columns' }, (column) =>
    nodeItem(column, { relationName: node.qualifiedName, parentOid: node.oid }),
  )
  const folders = input.levels.has(levelKey('columns', node.oid))
    ? tableFolders.map((level) => folderItem(input, { ...place, level }))
    : []
  return nodeItem(node, { children: [...columns, ...folders], hasChildren: true })
}

/** Columns have no oid of their own: their name within the table tells them apart. */
export function nodeId({ kind, oid, name }: CatalogNode, parentOid = 0): string {
  return `${kind}/${parentOid}/${oid}/${name}`
}

interface ItemExtras {
  readonly relationName?: string | null
  readonly parentOid?: number
  readonly hasChildren?: boolean
  readonly children?: readonly ExplorerItem[]
}

function nodeItem(node: CatalogNode, extras: ItemExtras): ExplorerItem {
  const { relationName = null, parentOid = 0, hasChildren = false, children = [] } = extras
  const id = nodeId(node, parentOid)
  const detail = detailOf(node)
  return { id, kind: node.kind, label: node.name, detail, node, relationName, hasChildren, children }
}

/** What has rows of its own: where nobody has counted them yet, a dash says so. */
const countedKinds: ReadonlySet<CatalogKind> = new Set<CatalogKind>([
  'table',
  'partitioned-table',
  'materialized-view',
])

function detailOf({ kind, detail, rowEstimate, isNullable }: CatalogNode): string {
  if (rowEstimate !== null) return shortCount(rowEstimate)
  if (countedKinds.has(kind)) return '–'
  if (kind === 'column') return `${detail ?? ''}${isNullable ? '' : ' not null'}`
  return detail ?? ''
}

/** A planner's estimate in few characters: `940`, `40k`, `1.2M`. */
export function shortCount(count: number): string {
  const units = [
    { from: 1e9, unit: 'G' },
    { from: 1e6, unit: 'M' },
    { from: 1e3, unit: 'k' },
  ]
  const fitting = units.find(({ from }) => count >= from)
  if (!fitting) return String(count)
  const value = count / fitting.from
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}${fitting.unit}`
}
