/**
 * Charts that are looked at together: they share the moment that the cursor is at and the window that is shown. Draws
 * them a few at a time, so that a second of news never makes a frame late. Knows charts by two functions alone.
 */

import type { Disposable } from '../../base/disposable.ts'
import { Store } from '../state/store.ts'

/** A chart as the group sees it. */
export interface GroupedChart {
  /** Shows the cursor at a moment; null for none. */
  pointAt(atMs: number | null): void
  /** Draws what has changed. */
  draw(): void
}

/** What a frame may spend on drawing charts: half of what there is at 60 Hz, the rest is the page's. */
const frameBudgetMs = 8

export class ChartGroup {
  /** The moment under the cursor, in whichever chart it is; null for none. */
  readonly cursorMs = new Store<number | null>(null)
  readonly #charts = new Set<GroupedChart>()
  readonly #stale = new Set<GroupedChart>()
  #frame: number | null = null

  join(chart: GroupedChart): Disposable {
    this.#charts.add(chart)
    return {
      dispose: () => {
        this.#charts.delete(chart)
        this.#stale.delete(chart)
      },
    }
  }

  /** Moves the cursor of all charts but the one that it was moved in. */
  pointAt(atMs: number | null, from: GroupedChart | null = null): void {
    if (this.cursorMs.value === atMs) return
    this.cursorMs.set(atMs)
    for (const chart of this.#charts) if (chart !== from) chart.pointAt(atMs)
  }

  /** Has a chart drawn in one of the next frames. */
  invalidate(chart: GroupedChart): void {
    this.#stale.add(chart)
    this.#frame ??= requestAnimationFrame(() => this.#drawSome())
  }

  /** Nobody looks any more: nothing is drawn until something is shown again. */
  rest(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    this.#frame = null
    this.#stale.clear()
  }

  /** At least one a frame, and as many as fit. */
  #drawSome(): void {
    this.#frame = null
    const startMs = performance.now()
    for (const chart of this.#stale) {
      this.#stale.delete(chart)
      chart.draw()
      if (performance.now() - startMs > frameBudgetMs) break
    }
    if (this.#stale.size > 0) this.#frame = requestAnimationFrame(() => this.#drawSome())
  }
}
