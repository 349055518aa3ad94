/** The console's actions and their keys, for the palette and for key presses. */

import type { ResultState } from '../state/result-state.ts'
import type { Command } from '../state/command-registry.ts'
import type { Workbench } from '../state/workbench.ts'
import type { SqlEditor } from './sql-editor.ts'

/** What the commands need: the editor that shows the active tab. */
export function consoleCommands(workbench: Workbench, sqlEditor: SqlEditor): readonly Command[] {
  const { consoles, instances, toasts, trials } = workbench
  const group = 'Console'
  const hasTab = (): boolean => consoles.activeTab.value !== null
  const refreshable = (): ResultState | null => consoles.activeTab.value?.refreshable ?? null
  const nothing = (): void => toasts.info('There is nothing to run: the caret stands at no statement')
  return [
    {
      id: 'console.run-statement',
      title: 'Run the selection or the statement under the caret',
      group,
      keys: ['Mod+Enter', 'F5'],
      // While something runs the key stays ours, and does nothing: the editor would insert a line.
      isEnabled: hasTab,
      run: async () => {
        if (consoles.activeTab.value?.isRunning !== false) return
        if (!(await sqlEditor.runStatement())) nothing()
      },
    },
    {
      id: 'console.run-script',
      title: 'Run all statements',
      group,
      keys: ['Mod+Shift+Enter'],
      isEnabled: hasTab,
      run: () => {
        if (consoles.activeTab.value?.isRunning !== false) return
        if (!sqlEditor.runScript()) nothing()
      },
    },
    {
      id: 'console.try-script',
      title: 'Try the script on a copy: show what it would change',
      group,
      keys: ['Mod+Alt+Enter'],
      isEnabled: () => hasTab() && instances.current?.storage !== 'remote',
      run: async () => {
        const script = sqlEditor.scriptToTry()
        if (!script) return nothing()
        if (!script.tab.isRunning) await trials.of(script.tab).try(script)
      },
    },
    {
      id: 'console.refresh-result',
      title: 'Run the statement again whose result was kept',
      group,
      isEnabled: () => refreshable() !== null,
      run: async () => {
        const result = refreshable()
        if (result) await consoles.activeTab.value?.refresh(result)
      },
    },
    ...cacheCommands(workbench),
    {
      id: 'console.cancel',
      title: 'Cancel what runs',
      group,
      keys: ['Escape'],
      isKeyHandledElsewhere: true,
      isEnabled: () => consoles.activeTab.value?.isRunning === true,
      run: () => consoles.activeTab.value?.cancel(),
    },
  ]
}

/** Whether the console in front is answered from what its database keeps. */
function cacheCommands({ consoles, instances }: Workbench): readonly Command[] {
  const group = 'Console'
  /** Whether it uses what is kept; null where nothing is ever kept. */
  const usesCache = (): boolean | null => {
    const tab = consoles.activeTab.value
    const isElsewhere = instances.find(tab?.label.value.instanceId ?? null)?.storage === 'remote'
    return tab && !isElsewhere ? tab.usesCache.value : null
  }
  return [
    {
      id: 'console.use-cache',
      title: 'Answer this console from kept results again',
      group,
      isEnabled: () => usesCache() === false,
      run: () => consoles.activeTab.value?.setUsesCache(true),
    },
    {
      id: 'console.use-no-cache',
      title: 'Run every statement of this console: use no kept results',
      group,
      isEnabled: () => usesCache() === true,
      run: () => consoles.activeTab.value?.setUsesCache(false),
    },
  ]
}
