/**
 * Two or more panels side by side (or one above the other) with draggable lines between them. Sizes are given and
 * told in percent; whoever uses it remembers them.
 */

import { Children, Fragment, type ReactElement, type ReactNode } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { classes } from './class-names.ts'
import styles from './split-pane.module.css'

export interface PanelShape {
  readonly id: string
  /** CSS length, such as `260px` or `40%`; what is left when not given. */
  readonly defaultSize?: string
  readonly minSize: string
  readonly maxSize?: string
  /** Keeps its pixels when the window changes its size. */
  readonly isFixed?: boolean
}

interface SplitPaneProps {
  readonly id: string
  readonly orientation: 'horizontal' | 'vertical'
  /** One for each child, in order. A panel that comes or goes leaves the others mounted. */
  readonly panels: readonly PanelShape[]
  readonly sizes?: Readonly<Record<string, number>> | undefined
  readonly onResized: (sizes: Readonly<Record<string, number>>) => void
  readonly children: ReactNode
}

export function SplitPane({
  id,
  orientation,
  panels,
  sizes,
  onResized,
  children,
}: SplitPaneProps): ReactElement {
  const contents = Children.toArray(children)
  const isKnown = sizes !== undefined && panels.every((panel) => sizes[panel.id] !== undefined)
  return (
    <Group
      id={id}
      orientation={orientation}
      className={classes(styles['group'])}
      {...(isKnown ? { defaultLayout: { ...sizes } } : {})}
      onLayoutChanged={(layout, { isUserInteraction }) => {
        if (isUserInteraction) onResized(layout)
      }}
    >
      {panels.map((panel, index) => (
        <Fragment key={panel.id}>
          {index === 0 ? null : <Separator className={classes(styles['line'], styles[orientation])} />}
          <Panel
            id={panel.id}
            className={classes(styles['panel'])}
            defaultSize={sizes?.[panel.id] === undefined ? panel.defaultSize : `${sizes[panel.id]}%`}
            minSize={panel.minSize}
            maxSize={panel.maxSize}
            groupResizeBehavior={panel.isFixed === true ? 'preserve-pixel-size' : 'preserve-relative-size'}
          >
            {contents[index]}
          </Panel>
        </Fragment>
      ))}
    </Group>
  )
}
