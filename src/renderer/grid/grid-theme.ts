/**
 * The colours and fonts of the grid, read from the theme's CSS custom properties, since a canvas cannot use them
 * itself. Knows the names of tokens, not their values.
 */

export interface GridTheme {
  readonly surface: string
  readonly panel: string
  readonly raised: string
  readonly line: string
  readonly strongLine: string
  readonly text: string
  readonly textQuiet: string
  readonly textFaint: string
  readonly accent: string
  readonly cellFont: string
  readonly cellFontItalic: string
  readonly headerFont: string
  readonly headerTypeFont: string
}

/** How much of the accent tints selected cells: visible on both themes, text stays above 4.5:1. */
export const selectionTintOpacity = 0.16

/** Reads the tokens that hold at `element`. */
export function readGridTheme(element: Element): GridTheme {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  const mono = token('--font-mono') || 'monospace'
  const ui = token('--font-ui') || 'system-ui, sans-serif'
  return {
    surface: token('--surface-0'),
    panel: token('--surface-1'),
    raised: token('--surface-3'),
    line: token('--line'),
    strongLine: token('--line-strong'),
    text: token('--text-1'),
    textQuiet: token('--text-2'),
    textFaint: token('--text-3'),
    accent: token('--accent'),
    cellFont: `12.5px ${mono}`,
    cellFontItalic: `italic 12.5px ${mono}`,
    headerFont: `600 12px ${ui}`,
    headerTypeFont: `11px ${ui}`,
  }
}

/** Calls `action` when the theme may have changed or a font has arrived; the function returned ends it. */
export function watchTheme(action: () => void): () => void {
  const observer = new MutationObserver(action)
  observer.observe(document.documentElement, { attributes: true })
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)']
  const media = queries.map((query) => matchMedia(query))
  for (const each of media) each.addEventListener('change', action)
  document.fonts.addEventListener('loadingdone', action)
  return () => {
    observer.disconnect()
    for (const each of media) each.removeEventListener('change', action)
    document.fonts.removeEventListener('loadingdone', action)
  }
}
