/** The icon of each kind of thing in the database tree. */

import {
  Columns3,
  Eye,
  KeyRound,
  Layers,
  ListOrdered,
  ListTree,
  Shapes,
  ShieldCheck,
  SquareFunction,
  Table2,
  Zap,
  type LucideIcon,
} from 'lucide-react'
import type { ReactElement } from 'react'
import type { ExplorerItem } from '../state/explorer-model.ts'
import styles from './explorer.module.css'

const icons: Readonly<Partial<Record<ExplorerItem['kind'], LucideIcon>>> = {
  schema: Layers,
  table: Table2,
  'partitioned-table': Table2,
  'foreign-table': Table2,
  view: Eye,
  'materialized-view': Eye,
  function: SquareFunction,
  procedure: SquareFunction,
  aggregate: SquareFunction,
  type: Shapes,
  sequence: ListOrdered,
  column: Columns3,
  index: ListTree,
  trigger: Zap,
  constraint: ShieldCheck,
}

export function NodeIcon({ item }: { readonly item: ExplorerItem }): ReactElement | null {
  const Icon = item.node?.isKey === true ? KeyRound : icons[item.kind]
  return Icon ? <Icon className={styles['icon']} size={14} aria-hidden /> : null
}
