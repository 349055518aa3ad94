/** A named part of the gallery. */

import type { ReactElement, ReactNode } from 'react'

interface GallerySectionProps {
  readonly title: string
  readonly isWide?: boolean
  readonly children: ReactNode
}

export function GallerySection({ title, isWide = false, children }: GallerySectionProps): ReactElement {
  return (
    <section className={isWide ? 'section wide' : 'section'} aria-label={title}>
      <h2>{title}</h2>
      <div className="items">{children}</div>
    </section>
  )
}

/** Widgets are only looked at here. */
export function nothing(): void {
  return undefined
}
