/** The actions on snapshots. Where the page of databases is shown, they mean the database that is chosen there. */

import type { Command } from '../state/command-registry.ts'
import type { Workbench } from '../state/workbench.ts'

export function snapshotCommands(workbench: Workbench): readonly Command[] {
  const { snapshots, instancePage, layout } = workbench
  const group = 'Database'
  const isOnDisk = (): boolean => workbench.targetInstance?.storage === 'directory'
  const isHere = (): boolean => isOnDisk() || workbench.targetInstance?.storage === 'memory'
  return [
    {
      id: 'database.snapshot',
      title: 'Take snapshot',
      group,
      keys: ['Alt+S'],
      isEnabled: isOnDisk,
      run: () => snapshots.ask('take', workbench.targetInstance),
    },
    {
      id: 'database.timeline',
      title: 'Show timeline of snapshots',
      group,
      isEnabled: isOnDisk,
      run: () => {
        const { targetInstance } = workbench
        if (targetInstance) instancePage.select(targetInstance.id)
        layout.showPage('instances')
      },
    },
    {
      id: 'database.fork',
      title: 'Fork database',
      group,
      isEnabled: isHere,
      run: () => snapshots.ask('fork', workbench.targetInstance),
    },
  ]
}
