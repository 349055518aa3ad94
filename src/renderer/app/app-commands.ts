/** The actions of the frame: tabs, panels, databases, appearance. Panes register their own. */

import type { Settings } from '../../contract/workspace.ts'
import type { Command } from '../state/command-registry.ts'
import type { Workbench } from '../state/workbench.ts'
import { chooseSqlFiles } from './dropped-files.ts'
import { copyText } from '../widgets/copy-text.ts'
import { focusArea, focusNextArea } from './areas.ts'
import { serverCommands } from './server-commands.ts'
import { instanceCommands } from './instance-commands.ts'
import { transferCommands } from './transfer-commands.ts'
import { cacheCommands } from './cache-commands.ts'
import { snapshotCommands } from './snapshot-commands.ts'

/** What the frame itself can show. */
export interface FrameActions {
  openPalette(): void
  openNewInstance(): void
  openImport(): void
  openDirectory(): void
  renameTab(): void
}

/** Tabs that have a digit of their own. */
const numberedTabs = 9

export function appCommands(workbench: Workbench, frame: FrameActions): readonly Command[] {
  return [
    {
      id: 'app.palette',
      title: 'Show all commands',
      group: 'Window',
      keys: ['Mod+Shift+P', 'F1'],
      run: () => frame.openPalette(),
    },
    ...tabCommands(workbench, frame),
    ...viewCommands(workbench),
    ...instanceCommands(workbench, frame),
    ...transferCommands(workbench),
    ...serverCommands(workbench),
    ...snapshotCommands(workbench),
    ...cacheCommands(workbench),
    ...endpointCommands(workbench),
    ...webEndpointCommands(workbench),
    ...appearanceCommands(workbench),
    ...fileCommands(workbench),
  ]
}

function tabCommands(workbench: Workbench, frame: FrameActions): Command[] {
  const { consoles } = workbench
  const hasTab = (): boolean => consoles.activeTab.value !== null
  const withTab = (action: (tabId: string) => void | Promise<void>) => async (): Promise<void> => {
    const tab = consoles.activeTab.value
    if (tab) await action(tab.id)
  }
  const group = 'Console'
  return [
    {
      id: 'tab.new',
      title: 'New console',
      group,
      keys: ['Alt+T', 'Mod+T'],
      run: async () => {
        await workbench.newTab()
        consoles.editor.focus()
      },
    },
    {
      id: 'tab.close',
      title: 'Close console',
      group,
      keys: ['Alt+W', 'Mod+W'],
      isEnabled: hasTab,
      run: withTab((id) => consoles.close(id)),
    },
    {
      id: 'tab.reopen',
      title: 'Reopen closed console',
      group,
      keys: ['Alt+Shift+T', 'Mod+Shift+T'],
      run: async () => {
        if (!(await consoles.reopen())) workbench.toasts.info('No closed console is left to reopen')
      },
    },
    { id: 'tab.rename', title: 'Rename console', group, isEnabled: hasTab, run: () => frame.renameTab() },
    {
      id: 'tab.next',
      title: 'Next console',
      group,
      keys: ['Alt+.', 'Mod+Tab', 'Ctrl+Tab'],
      run: () => step(workbench, 1),
    },
    {
      id: 'tab.previous',
      title: 'Previous console',
      group,
      keys: ['Alt+,', 'Mod+Shift+Tab', 'Ctrl+Shift+Tab'],
      run: () => step(workbench, -1),
    },
    ...Array.from({ length: numberedTabs }, (_, index): Command => {
      return {
        id: `tab.go-${index + 1}`,
        title: `Go to console ${index + 1}`,
        group,
        keys: [`Alt+${index + 1}`],
        isEnabled: () => consoles.tabs.value[index] !== undefined,
        run: () => {
          consoles.activate(consoles.tabs.value[index]?.id ?? '')
          consoles.editor.focus()
        },
      }
    }),
  ]
}

function step({ consoles }: Workbench, direction: 1 | -1): void {
  const tabs = consoles.tabs.value
  const active = consoles.activeTab.value
  const index = active ? tabs.indexOf(active) : -1
  const next = tabs[(index + direction + tabs.length) % tabs.length]
  if (next) consoles.activate(next.id)
  consoles.editor.focus()
}

function viewCommands(workbench: Workbench): Command[] {
  const { layout, consoles } = workbench
  const group = 'View'
  const show = (sidebar: 'databases' | 'history') => (): void => {
    layout.openSidebar(sidebar)
    // The view is drawn after this; its filter is the first thing in it.
    requestAnimationFrame(() => focusArea('sidebar'))
  }
  return [
    {
      id: 'view.sidebar',
      title: 'Show or hide sidebar',
      group,
      keys: ['Mod+B'],
      run: () => layout.setSidebarOpen(!layout.layout.value.isSidebarOpen),
    },
    { id: 'view.databases', title: 'Show databases', group, keys: ['Mod+Shift+E'], run: show('databases') },
    { id: 'view.history', title: 'Show history', group, keys: ['Mod+Shift+H'], run: show('history') },
    {
      id: 'view.endpoints',
      title: 'Show endpoints',
      group,
      keys: ['Alt+P'],
      run: () => showEndpoints(workbench),
    },
    {
      id: 'view.dashboard',
      title: 'Show dashboard',
      group,
      keys: ['Alt+M'],
      run: () => {
        layout.showPage('dashboard')
        // The page is drawn after this.
        requestAnimationFrame(() => focusArea('page'))
      },
    },
    {
      id: 'view.instances',
      title: 'Manage databases',
      group,
      keys: ['Alt+D'],
      run: () => {
        layout.showPage('instances')
        // The page is drawn after this.
        requestAnimationFrame(() => focusArea('page'))
      },
    },
    {
      id: 'view.editor',
      title: 'Go to editor',
      group,
      keys: ['Alt+E'],
      run: () => consoles.editor.focus(),
    },
    { id: 'view.next-area', title: 'Go to next area', group, keys: ['F6'], run: () => focusNextArea(1) },
    {
      id: 'view.previous-area',
      title: 'Go to previous area',
      group,
      keys: ['Shift+F6'],
      run: () => focusNextArea(-1),
    },
  ]
}

function showEndpoints({ layout }: Workbench): void {
  layout.showPage('endpoints')
  // The page is drawn after this.
  requestAnimationFrame(() => focusArea('page'))
}

function fileCommands(workbench: Workbench): Command[] {
  return [
    {
      id: 'file.open-sql',
      title: 'Open SQL file',
      group: 'Console',
      keys: ['Mod+O'],
      run: () => chooseSqlFiles(workbench),
    },
    {
      id: 'app.settings',
      title: 'App settings',
      group: 'Window',
      isEnabled: () => workbench.shell.isThere,
      run: () => workbench.shell.isAskingSettings.set(true),
    },
  ]
}

function endpointCommands(workbench: Workbench): Command[] {
  const { endpoint, instances } = workbench
  const group = 'Endpoint'
  const state = (): string | undefined => endpoint.endpoint.value?.state
  return [
    {
      id: 'endpoint.start',
      title: 'Let other programs connect: start the endpoint',
      group,
      isEnabled: () => ['off', 'failed'].includes(state() ?? ''),
      run: async () => {
        workbench.web.shownTab.set('postgres')
        showEndpoints(workbench)
        await endpoint.start()
      },
    },
    {
      id: 'endpoint.stop',
      title: 'Stop the endpoint',
      group,
      isEnabled: () => state() === 'listening',
      run: async () => {
        workbench.web.shownTab.set('postgres')
        showEndpoints(workbench)
        // With clients, the page asks first.
        if (endpoint.endpoint.value?.clientCount === 0) await endpoint.stop()
        else endpoint.isAskingToStop.set(true)
      },
    },
    {
      id: 'endpoint.copy',
      title: 'Copy connection string',
      group,
      isEnabled: () => state() === 'listening' && instances.current !== null,
      run: async () => copyText(await endpoint.form(instances.currentId.value ?? '', 'url')),
    },
  ]
}

function webEndpointCommands(workbench: Workbench): Command[] {
  const { web } = workbench
  const group = 'Endpoint'
  const state = (): string | undefined => web.endpoint.value?.state
  const show = (): void => {
    web.shownTab.set('web')
    showEndpoints(workbench)
  }
  return [
    {
      id: 'web.start',
      title: 'Let pages connect: start the web endpoint',
      group,
      isEnabled: () => ['off', 'failed'].includes(state() ?? ''),
      run: async () => {
        show()
        await web.start()
      },
    },
    {
      id: 'web.stop',
      title: 'Stop the web endpoint',
      group,
      isEnabled: () => state() === 'listening',
      run: async () => {
        show()
        // With clients, the page asks first.
        if (web.endpoint.value?.clientCount === 0) await web.stop()
        else web.isAskingToStop.set(true)
      },
    },
  ]
}

function appearanceCommands({ settings }: Workbench): Command[] {
  const group = 'Appearance'
  const change = (id: string, title: string, fields: Partial<Settings>): Command => {
    return { id: `appearance.${id}`, title, group, run: () => settings.change(fields) }
  }
  const resize = (byPx: number) => (): Promise<void> => {
    const sizePx = Math.min(32, Math.max(9, settings.settings.value.editorFontSizePx + byPx))
    return settings.change({ editorFontSizePx: sizePx })
  }
  return [
    change('theme-system', 'Theme: as the system', { theme: 'system' }),
    change('theme-dark', 'Theme: dark', { theme: 'dark' }),
    change('theme-light', 'Theme: light', { theme: 'light' }),
    change('theme-contrast', 'Theme: high contrast', { theme: 'high-contrast' }),
    change('rows-compact', 'Rows: compact', { rowHeight: 'compact' }),
    change('rows-comfortable', 'Rows: comfortable', { rowHeight: 'comfortable' }),
    { id: 'appearance.larger', title: 'Larger editor text', group, run: resize(1) },
    { id: 'appearance.smaller', title: 'Smaller editor text', group, run: resize(-1) },
  ]
}
