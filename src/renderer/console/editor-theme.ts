/**
 * The editor's colours, made from the same tokens as everything else, so that it follows the theme. Knows which
 * token is for what; the values are theme.css's.
 */

import type { editor } from 'monaco-editor/editor'

export const editorThemeName = 'wardian'

/** Reads a token as `#rrggbb` or `#rrggbbaa`. */
type ReadColor = (token: string) => string

/** The theme for the tokens that hold now. */
export function editorTheme(
  read: ReadColor,
  kind: 'dark' | 'light' | 'contrast',
): editor.IStandaloneThemeData {
  const bare = (token: string): string => read(token).slice(1)
  return {
    base: kind === 'light' ? 'vs' : kind === 'contrast' ? 'hc-black' : 'vs-dark',
    inherit: true,
    rules: [
      { token: '', foreground: bare('--text-1') },
      { token: 'identifier', foreground: bare('--text-1') },
      { token: 'keyword', foreground: bare('--accent') },
      { token: 'type', foreground: bare('--accent') },
      { token: 'function', foreground: bare('--text-1') },
      { token: 'string', foreground: bare('--leaf') },
      { token: 'number', foreground: bare('--amber') },
      { token: 'variable', foreground: bare('--amber') },
      { token: 'comment', foreground: bare('--text-3'), fontStyle: 'italic' },
      { token: 'operator', foreground: bare('--text-2') },
      { token: 'delimiter', foreground: bare('--text-2') },
    ],
    colors: editorColors(read),
  }
}

/** The editor colours brackets by depth; here colour means something else. */
function bracketColor(level: number): string {
  return `editorBracketHighlight.foreground${level}`
}

function editorColors(read: ReadColor): Record<string, string> {
  const selection = `${read('--accent').slice(0, 7)}44`
  const floating = {
    background: read('--surface-2'),
    border: read('--line-strong'),
  }
  return {
    'editor.background': read('--surface-0'),
    'editor.foreground': read('--text-1'),
    'editorCursor.foreground': read('--accent'),
    'editorLineNumber.foreground': read('--text-3'),
    'editorLineNumber.activeForeground': read('--text-1'),
    'editor.selectionBackground': selection,
    'editor.inactiveSelectionBackground': `${read('--accent').slice(0, 7)}22`,
    'editor.lineHighlightBackground': '#00000000',
    'editor.lineHighlightBorder': '#00000000',
    'editorIndentGuide.background1': read('--line'),
    'editorIndentGuide.activeBackground1': read('--line-strong'),
    'editorWhitespace.foreground': read('--line-strong'),
    'editorBracketMatch.background': '#00000000',
    'editorBracketMatch.border': read('--text-3'),
    ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [bracketColor(level), read('--text-2')])),
    'editorError.foreground': read('--clay'),
    'editorWidget.background': floating.background,
    'editorWidget.border': floating.border,
    'editorHoverWidget.background': floating.background,
    'editorHoverWidget.border': floating.border,
    'editorSuggestWidget.background': floating.background,
    'editorSuggestWidget.border': floating.border,
    'editorSuggestWidget.foreground': read('--text-1'),
    'editorSuggestWidget.selectedBackground': read('--surface-3'),
    'editorSuggestWidget.selectedForeground': read('--text-1'),
    'editorSuggestWidget.highlightForeground': read('--accent'),
    'editorSuggestWidget.focusHighlightForeground': read('--accent'),
    'input.background': read('--surface-0'),
    'input.border': read('--line-strong'),
    focusBorder: read('--accent'),
    'scrollbar.shadow': '#00000000',
    'scrollbarSlider.background': `${read('--text-3').slice(0, 7)}44`,
    'scrollbarSlider.hoverBackground': `${read('--text-3').slice(0, 7)}77`,
    'scrollbarSlider.activeBackground': `${read('--text-3').slice(0, 7)}99`,
    'editorOverviewRuler.errorForeground': read('--clay'),
    'editorOverviewRuler.bracketMatchForeground': '#00000000',
    'editorOverviewRuler.border': '#00000000',
    'widget.shadow': '#00000033',
  }
}

/** Reads tokens where `element` stands, in the form that the editor wants. */
export function tokenReader(element: Element): ReadColor {
  const style = getComputedStyle(element)
  const pen = new OffscreenCanvas(1, 1).getContext('2d')
  return (token) => {
    if (!pen) return '#808080'
    // A canvas prints any colour that CSS knows as #rrggbb, or as rgba() when it is not opaque.
    pen.fillStyle = style.getPropertyValue(token).trim()
    const printed = String(pen.fillStyle)
    return printed.startsWith('#') ? printed : withAlpha(printed)
  }
}

function withAlpha(rgba: string): string {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (rgba.match(/[\d.]+/g) ?? []).map(Number)
  const hex = (value: number): string => Math.round(value).toString(16).padStart(2, '0')
  return `#${hex(red)}${hex(green)}${hex(blue)}${hex(alpha * 255)}`
}
