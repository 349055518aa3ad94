/** Completion as the editor asks for it: from the words around the caret and the names of the tab's instance. */

import { languages, Range, type CancellationToken, type editor, type Position } from 'monaco-editor/editor'
import { DisposableStore, onDispose, type Disposable } from '../../base/disposable.ts'
import type { Event } from '../../base/event.ts'
import type { Names } from '../state/completion-names.ts'
import type { TextSpan } from '../state/error-position.ts'
import { completionContext } from './completion-context.ts'
import { completionEntries, type CompletionEntry } from './completion-entries.ts'
import { sqlLanguageId } from './sql-language.ts'
import { statementAround } from './statement-around.ts'

/** Text around the caret that is read when the statement is not known, or is longer. */
const lookBackLength = 20_000
const lookAheadLength = 5_000

export interface CompletionSource {
  /** What is known now; asking for names that are not known, or outdated, has them read. */
  names(): Names | null
  /** Whether newer names are on their way. */
  isReadingNames(): boolean
  /** Names were read; false when they could not be. */
  readonly onDidReadNames: Event<boolean>
  /** The statement that the caret is in, if that is known of the text as it is now. */
  statement(): TextSpan | null
}

const kinds: Record<CompletionEntry['kind'], languages.CompletionItemKind> = {
  column: languages.CompletionItemKind.Field,
  relation: languages.CompletionItemKind.Struct,
  schema: languages.CompletionItemKind.Module,
  function: languages.CompletionItemKind.Function,
  alias: languages.CompletionItemKind.Variable,
  keyword: languages.CompletionItemKind.Keyword,
  type: languages.CompletionItemKind.TypeParameter,
}

/**
 * Offers completions in `model` of `codeEditor`, until disposed. Words of the language come at once; names that are
 * still being read (their session waits its turn like everybody) come into the open list as soon as they are there.
 */
export function registerSqlCompletion(codeEditor: editor.ICodeEditor, source: CompletionSource): Disposable {
  let isListOutdated = false
  const provider: languages.CompletionItemProvider = {
    triggerCharacters: ['.'],
    async provideCompletionItems(...[model, position, , token]) {
      if (model !== codeEditor.getModel()) return { suggestions: [] }
      const around = textAround(model, position, source.statement())
      const context = completionContext(around.text, around.caret)
      if (!context) return { suggestions: [] }
      const word = model.getWordUntilPosition(position)
      // An alias mostly is one letter, and a list would take its Enter. The second letter asks again.
      if (context.followsName && word.word.length === 1) return { suggestions: [], incomplete: true }
      const range = new Range(position.lineNumber, word.startColumn, position.lineNumber, word.endColumn)
      let offered = completionEntries(context, source.names(), word.word)
      // An empty list would say that there is nothing, and stay so.
      if (offered.entries.length === 0 && source.isReadingNames()) {
        await nextNames(source, model, token)
        offered = completionEntries(context, source.names(), word.word)
      }
      isListOutdated = source.isReadingNames()
      return {
        suggestions: offered.entries.map((entry, index) => suggestion(entry, { index, range })),
        incomplete: offered.isCut || isListOutdated,
      }
    },
  }
  let registration = languages.registerCompletionItemProvider(sqlLanguageId, provider)
  const renewal = source.onDidReadNames((isRead) => {
    if (!isRead || !isListOutdated) return
    isListOutdated = false
    // The editor asks again for the list that is open when providers come or go, and on no other occasion. There
    // must be one all the time, or the list is closed.
    const previous = registration
    registration = languages.registerCompletionItemProvider(sqlLanguageId, provider)
    previous.dispose()
  })
  return onDispose('sql-completion', () => {
    renewal.dispose()
    registration.dispose()
  })
}

/** Resolves when names were read or could not be, when nobody waits any more, or when the text is another one. */
async function nextNames(
  source: CompletionSource,
  model: editor.ITextModel,
  token: CancellationToken,
): Promise<void> {
  const watches = new DisposableStore()
  await new Promise<void>((resolve) => {
    const end = (): void => resolve()
    watches.add(source.onDidReadNames(end))
    watches.add(token.onCancellationRequested(end))
    watches.add(model.onDidChangeContent(end))
    watches.add(model.onWillDispose(end))
  })
  watches.dispose()
}

function suggestion(
  entry: CompletionEntry,
  { index, range }: { index: number; range: Range },
): languages.CompletionItem {
  return {
    label: { label: entry.label, description: entry.detail },
    insertText: entry.insertText,
    filterText: entry.label,
    // Among equal matches the order of the entries holds.
    sortText: String(index).padStart(4, '0'),
    kind: kinds[entry.kind],
    range,
  }
}

/** The statement around the caret: the parser's, up to a bound, or what its words tell. */
function textAround(
  model: editor.ITextModel,
  position: Position,
  statement: TextSpan | null,
): { text: string; caret: number } {
  const offset = model.getOffsetAt(position)
  const isInside =
    statement !== null && statement.start <= offset && offset <= statement.start + statement.length + 1
  const start = Math.max(isInside ? statement.start : 0, offset - lookBackLength)
  const end = Math.min(
    isInside ? Math.max(offset, statement.start + statement.length) : Infinity,
    offset + lookAheadLength,
  )
  const text = model.getValueInRange(
    Range.fromPositions(model.getPositionAt(start), model.getPositionAt(end)),
  )
  return isInside ? { text, caret: offset - start } : statementAround(text, offset - start)
}
