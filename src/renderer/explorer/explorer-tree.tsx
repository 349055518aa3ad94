/** The tree itself: lines, icons, opening and closing. Draws the lines that are visible and no more. */

import { ChevronRight } from 'lucide-react'
import type { ReactElement } from 'react'
import {
  Button,
  Collection,
  ListLayout,
  Tree,
  TreeItem,
  TreeItemContent,
  Virtualizer,
  type Key,
} from 'react-aria-components'
import type { ExplorerItem } from '../state/explorer-model.ts'
import { classes } from '../widgets/class-names.ts'
import { NodeIcon } from './node-icon.tsx'
import styles from './explorer.module.css'

interface ExplorerTreeProps {
  readonly items: readonly ExplorerItem[]
  readonly expandedIds: ReadonlySet<string>
  readonly rowHeightPx: number
  readonly onExpand: (expandedIds: ReadonlySet<string>) => void
  readonly onAction: (id: string) => void
}

export function ExplorerTree(props: ExplorerTreeProps): ReactElement {
  const { items, expandedIds, rowHeightPx, onExpand, onAction } = props
  return (
    <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: rowHeightPx }}>
      <Tree
        className={styles['tree'] ?? ''}
        aria-label="Database objects"
        items={items}
        selectionMode="single"
        selectionBehavior="replace"
        escapeKeyBehavior="none"
        expandedKeys={expandedIds}
        onExpandedChange={(keys) => onExpand(new Set([...keys].map(String)))}
        onAction={(key: Key) => onAction(String(key))}
      >
        {renderItem}
      </Tree>
    </Virtualizer>
  )
}

function renderItem(item: ExplorerItem): ReactElement {
  return (
    <TreeItem
      id={item.id}
      textValue={item.label}
      hasChildItems={item.hasChildren}
      className={classes(styles['row'], item.kind === 'notice' && styles['notice'])}
    >
      <TreeItemContent>{({ level }) => <Line item={item} level={level} />}</TreeItemContent>
      <Collection items={item.children}>{renderItem}</Collection>
    </TreeItem>
  )
}

function Line({ item, level }: { readonly item: ExplorerItem; readonly level: number }): ReactElement {
  const title = [item.label, item.detail, item.node?.comment ?? ''].filter((part) => part !== '').join('\n')
  return (
    <div className={styles['line']} data-level={Math.min(level, 5)} title={title}>
      {item.hasChildren ? (
        <Button slot="chevron" className={styles['chevron'] ?? ''}>
          <ChevronRight size={14} aria-hidden />
        </Button>
      ) : (
        <span className={styles['chevron']} />
      )}
      <NodeIcon item={item} />
      <span className={classes(styles['label'], item.kind === 'folder' && styles['folder'])}>
        {item.label}
      </span>
      <span className={styles['detail']}>{item.detail}</span>
    </div>
  )
}
