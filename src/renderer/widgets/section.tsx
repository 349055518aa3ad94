/** A bordered part of a page: a heading, what can be done about it, and what it shows. */

import type { ReactElement, ReactNode } from 'react'
import { classes } from './class-names.ts'
import styles from './section.module.css'

interface SectionProps {
  readonly title: string
  /** Beside the heading, quietly: how many, since when. */
  readonly detail?: string | undefined
  /** Buttons at the end of the heading's line. */
  readonly actions?: ReactNode
  /** As wide as the page, where others stand side by side. */
  readonly isWide?: boolean
  readonly children: ReactNode
}

export function Section({ title, detail, actions, isWide = false, children }: SectionProps): ReactElement {
  return (
    <section className={classes(styles['section'], isWide && styles['wide'])} aria-label={title}>
      <header className={styles['head']}>
        <h2 className={styles['title']}>{title}</h2>
        {detail === undefined ? null : <span className={styles['detail']}>{detail}</span>}
        <span className={styles['space']} />
        {actions}
      </header>
      {children}
    </section>
  )
}

/** Sections side by side where there is room. */
export function Sections({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={styles['sections']}>{children}</div>
}
