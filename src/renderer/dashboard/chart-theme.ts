/** The tokens of the theme as a canvas needs them: read from the document once a theme, and again when it changes. */

import type { Disposable } from '../../base/disposable.ts'

export interface ChartTheme {
  readonly background: string
  readonly grid: string
  readonly axis: string
  readonly text: string
  readonly textStrong: string
  readonly cursor: string
  readonly mark: string
  readonly font: string
  readonly titleFont: string
  /** One for each line, in order. */
  readonly series: readonly string[]
}

const seriesCount = 6

export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  return {
    background: token('--surface-0'),
    grid: token('--chart-grid'),
    axis: token('--line-strong'),
    text: token('--text-3'),
    textStrong: token('--text-1'),
    cursor: token('--text-2'),
    mark: token('--clay'),
    font: `11px ${token('--font-ui')}`,
    titleFont: `600 13px ${token('--font-ui')}`,
    series: Array.from({ length: seriesCount }, (_, index) => token(`--series-${index + 1}`)),
  }
}

/** Calls back after each change of the theme. */
export function onThemeChange(action: () => void): Disposable {
  const observer = new MutationObserver(action)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return { dispose: () => observer.disconnect() }
}

/** Lines differ by more than their colour. In pixels, a stroke and a gap in turn; an unbroken line has none. */
export const seriesDashes: readonly (readonly number[])[] = [[], [], [6, 3], [2, 3], [8, 3, 2, 3], [4, 4]]
