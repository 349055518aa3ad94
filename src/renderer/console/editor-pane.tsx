/**
 * The editor's place in the window: loads the editor when it is first needed, shows the active tab in it, and says
 * what is missing while it is not there.
 */

import { useEffect, useRef, useState, type ReactElement } from 'react'
import { toWireError } from '../../contract/error.ts'
import type { ConsoleTab } from '../state/console-tab.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import type { Workbench } from '../state/workbench.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { TextButton } from '../widgets/text-button.tsx'
import { consoleCommands } from './console-commands.ts'
import type { SqlEditor } from './sql-editor.ts'
import styles from './console.module.css'

/** Why there is no text to be seen, and how to try again. */
interface Obstacle {
  readonly words: string
  readonly retry: () => void
}

export function EditorPane({ tab }: { readonly tab: ConsoleTab }): ReactElement {
  const workbench = useWorkbench()
  const place = useRef<HTMLDivElement>(null)
  const [attempt, setAttempt] = useState(0)
  const [sqlEditor, setSqlEditor] = useState<SqlEditor | null>(null)
  const [loadFailure, setLoadFailure] = useState<string | null>(null)
  const text = useShownText(sqlEditor, tab)
  const { editorFontSizePx } = useStore(workbench.settings.settings)

  useEffect(() => {
    const element = place.current
    if (!element) return
    let made: SqlEditor | null = null
    let isGone = false
    import('./sql-editor.ts')
      .then((loaded) => {
        if (isGone) return
        made = makeEditor(loaded.SqlEditor, element, workbench)
        setSqlEditor(made)
      })
      .catch((error: unknown) => setLoadFailure(toWireError(error).message))
    return () => {
      isGone = true
      setSqlEditor(null)
      made?.dispose()
    }
  }, [workbench, attempt])
  useEffect(() => {
    sqlEditor?.setFontSize(editorFontSizePx)
  }, [sqlEditor, editorFontSizePx])
  useEffect(() => {
    if (!sqlEditor) return
    const commands = workbench.commands.register(consoleCommands(workbench, sqlEditor))
    const registration = workbench.consoles.editor.register(sqlEditor)
    const closed = workbench.consoles.tabs.onDidChange(() => {
      sqlEditor.keepOnly(workbench.consoles.tabs.value)
    })
    return () => {
      for (const each of [commands, registration, closed]) each.dispose()
    }
  }, [workbench, sqlEditor])

  const obstacle: Obstacle | null =
    loadFailure === null
      ? text.failure === null
        ? null
        : { words: `The text could not be read: ${text.failure}`, retry: text.retry }
      : {
          words: `The editor could not be loaded: ${loadFailure}`,
          retry: () => {
            setLoadFailure(null)
            setAttempt(attempt + 1)
          },
        }
  return (
    <div className={styles['editor']} data-area="editor">
      <div ref={place} className={styles['place']} />
      {obstacle ? (
        <div className={styles['cover']} role="alert">
          <EmptyState title={obstacle.words}>
            <TextButton onPress={obstacle.retry}>Try again</TextButton>
          </EmptyState>
        </div>
      ) : text.isReading ? (
        <div className={styles['cover']}>
          <EmptyState title={sqlEditor ? 'Reading the text…' : 'Loading the editor…'} />
        </div>
      ) : null}
    </div>
  )
}

function makeEditor(Editor: typeof SqlEditor, element: HTMLElement, workbench: Workbench): SqlEditor {
  const { clock, consoles, names, settings } = workbench
  return new Editor(element, {
    clock,
    fontSizePx: settings.settings.value.editorFontSizePx,
    names,
    onEscape: () => void consoles.activeTab.value?.cancel(),
    onLargePaste: (text) => workbench.attempt(() => workbench.openPasted(text)),
  })
}

/** Whether nobody else has the focus: somebody who goes through the tabs or a list keeps it. */
function isFocusFree(): boolean {
  const focused = document.activeElement
  return focused === null || focused === document.body || focused.closest('[data-area="editor"]') !== null
}

interface ShownText {
  readonly isReading: boolean
  readonly failure: string | null
  readonly retry: () => void
}

/** Shows the text of `tab` in the editor; texts that take a moment are said to be read. */
function useShownText(sqlEditor: SqlEditor | null, tab: ConsoleTab): ShownText {
  const [shownTab, setShownTab] = useState<ConsoleTab | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (!sqlEditor) return
    let isPast = false
    sqlEditor
      .show(tab)
      .then(() => {
        if (isPast) return
        setFailure(null)
        setShownTab(tab)
        if (isFocusFree()) sqlEditor.focus()
      })
      .catch((error: unknown) => {
        if (!isPast) setFailure(toWireError(error).message)
      })
    return () => {
      isPast = true
    }
  }, [sqlEditor, tab, attempt])
  return {
    isReading: !sqlEditor || shownTab !== tab,
    failure,
    retry: () => {
      setFailure(null)
      setAttempt(attempt + 1)
    },
  }
}
