/**
 * The editor library as this product uses it: which parts are loaded, its worker, its language and its theme.
 * The only file that touches what is global in it. Loaded on demand, since it is most of the page's code.
 */

import { editor, languages } from 'monaco-editor/editor'
import 'monaco-editor/features/register.all'
import { DisposableStore, type Disposable } from '../../base/disposable.ts'
import { editorTheme, editorThemeName, tokenReader } from './editor-theme.ts'
import { sqlConfiguration, sqlLanguageId, sqlTokens } from './sql-language.ts'

declare global {
  interface Window {
    MonacoEnvironment?: { getWorker(): Worker }
  }
}

/** Makes the language and the worker known, and keeps the theme in step with the tokens, until disposed. */
export function setUpMonaco(): Disposable {
  const store = new DisposableStore()
  window.MonacoEnvironment = { getWorker: startEditorWorker }
  if (!languages.getLanguages().some(({ id }) => id === sqlLanguageId)) {
    languages.register({ id: sqlLanguageId, aliases: ['SQL'] })
  }
  store.add(languages.setLanguageConfiguration(sqlLanguageId, sqlConfiguration))
  store.add(languages.setMonarchTokensProvider(sqlLanguageId, sqlTokens))
  applyTheme()
  const observer = new MutationObserver(applyTheme)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  store.add({ dispose: () => observer.disconnect() })
  // Widths that were measured before the font had come would put the caret beside its place.
  const remeasure = (): void => editor.remeasureFonts()
  document.fonts.addEventListener('loadingdone', remeasure)
  store.add({ dispose: () => document.fonts.removeEventListener('loadingdone', remeasure) })
  return store
}

function startEditorWorker(): Worker {
  return new Worker(new URL('./editor-web-worker.ts', import.meta.url), { type: 'module' })
}

function applyTheme(): void {
  const root = document.documentElement
  const { theme } = root.dataset
  const kind = theme === 'light' ? 'light' : theme === 'high-contrast' ? 'contrast' : 'dark'
  editor.defineTheme(editorThemeName, editorTheme(tokenReader(root), kind))
  editor.setTheme(editorThemeName)
}

/** How every editor of the product behaves. */
export const editorOptions: editor.IStandaloneEditorConstructionOptions = {
  language: sqlLanguageId,
  theme: editorThemeName,
  automaticLayout: true,
  fontFamily: "'JetBrains Mono', ui-monospace, Menlo, Consolas, monospace",
  fontLigatures: false,
  lineNumbersMinChars: 4,
  lineDecorationsWidth: 12,
  glyphMargin: false,
  folding: false,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  renderLineHighlight: 'none',
  overviewRulerBorder: false,
  overviewRulerLanes: 2,
  hideCursorInOverviewRuler: true,
  guides: { indentation: false },
  padding: { top: 8, bottom: 8 },
  tabSize: 2,
  insertSpaces: true,
  detectIndentation: false,
  fixedOverflowWidgets: true,
  stickyScroll: { enabled: false },
  wordBasedSuggestions: 'off',
  suggest: { showWords: false, showStatusBar: false, preview: false },
  quickSuggestions: { other: true, comments: false, strings: false },
  links: false,
  codeLens: false,
  colorDecorators: false,
  occurrencesHighlight: 'off',
  bracketPairColorization: { enabled: false },
  // A question about "unusual line terminators" would offer to change the text.
  unusualLineTerminators: 'off',
  // Looks at every character of the text again and again; the grid marks what is invisible in values.
  unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: false, nonBasicASCII: false },
  // Long lines and long texts: drawn and coloured as far as they are seen. Laying out 10,000 characters of
  // thirty lines in scripts of the whole world took seconds, when a binary file was pasted.
  largeFileOptimizations: true,
  maxTokenizationLineLength: 20_000,
  stopRenderingLineAfter: 3_000,
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
  ariaLabel: 'SQL editor',
}
