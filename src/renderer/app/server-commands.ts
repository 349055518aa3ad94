/** The actions on servers elsewhere. */

import type { Command } from '../state/command-registry.ts'
import type { Workbench } from '../state/workbench.ts'

export function serverCommands(workbench: Workbench): readonly Command[] {
  const group = 'Database'
  return [
    {
      id: 'server.connect',
      title: 'Connect to a server',
      group,
      run: () => workbench.remotes.askNew(),
    },
    {
      id: 'server.edit',
      title: 'Edit the connection of a server',
      group,
      isEnabled: () => workbench.targetInstance?.storage === 'remote',
      run: async () => {
        const { targetInstance } = workbench
        if (targetInstance?.storage === 'remote') await workbench.remotes.askAbout(targetInstance)
      },
    },
  ]
}
