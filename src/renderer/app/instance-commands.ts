/** The actions on databases. Where the page of databases is shown, they mean the one that is chosen there. */

import type { Instance } from '../../contract/instance.ts'
import type { Command } from '../state/command-registry.ts'
import type { Workbench } from '../state/workbench.ts'

/** What only the frame can show. */
interface InstanceDialogs {
  openNewInstance(): void
  openImport(): void
  openDirectory(): void
}

export function instanceCommands(workbench: Workbench, dialogs: InstanceDialogs): readonly Command[] {
  const { explorer, instances, instancePage } = workbench
  const group = 'Database'
  const hasTarget = (): boolean => workbench.targetInstance !== null
  const stateIn = (...states: readonly string[]): boolean =>
    states.includes(workbench.targetInstance?.state ?? '')
  const withTarget = (action: (instance: Instance) => Promise<void>) => async (): Promise<void> => {
    const { targetInstance } = workbench
    if (targetInstance) await action(targetInstance)
  }
  return [
    { id: 'database.new', title: 'New database', group, run: () => dialogs.openNewInstance() },
    ...fileCommands(workbench, dialogs),
    {
      id: 'database.rename',
      title: 'Rename database',
      group,
      isEnabled: hasTarget,
      run: () => instancePage.ask('rename', workbench.targetInstance),
    },
    {
      id: 'database.delete',
      title: 'Delete database',
      group,
      isEnabled: hasTarget,
      run: withTarget((instance) => workbench.removeInstance(instance)),
    },
    {
      id: 'database.stop',
      title: 'Stop database',
      group,
      isEnabled: () => stateIn('ready'),
      run: withTarget((instance) => workbench.stopInstance(instance)),
    },
    {
      id: 'database.start',
      title: 'Start database',
      group,
      isEnabled: () => stateIn('stopped', 'failed'),
      run: withTarget(({ id }) => instances.start(id)),
    },
    {
      id: 'database.trash',
      title: 'Show the trash',
      group,
      run: () => {
        instancePage.view.set('trash')
        workbench.layout.showPage('instances')
      },
    },
    {
      id: 'database.refresh',
      title: 'Refresh database tree',
      group,
      isEnabled: () => instances.current !== null,
      run: () => explorer.refresh(),
    },
  ]
}

/** What makes a database from another, from a file or from a directory, and a file from one. */
function fileCommands(workbench: Workbench, dialogs: InstanceDialogs): Command[] {
  const { instancePage } = workbench
  const group = 'Database'
  return [
    { id: 'database.import', title: 'Import database from a file', group, run: () => dialogs.openImport() },
    {
      id: 'database.open-directory',
      title: 'Open a directory as a database',
      group,
      run: () => dialogs.openDirectory(),
    },
    {
      id: 'database.export',
      title: 'Export database to a file',
      group,
      isEnabled: () => isHere(workbench.targetInstance),
      run: () => instancePage.ask('export', workbench.targetInstance),
    },
    {
      id: 'database.duplicate',
      title: 'Duplicate database',
      group,
      isEnabled: () => isHere(workbench.targetInstance),
      run: async () => {
        const { targetInstance } = workbench
        if (targetInstance) await workbench.duplicateInstance(targetInstance)
      },
    },
  ]
}

/** Its files, or its memory, are the host's. */
function isHere(instance: Instance | null): boolean {
  return instance !== null && instance.storage !== 'remote'
}
