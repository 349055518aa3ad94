/** The actions that move databases: each opens its form on the page of databases. */

import type { Command } from '../state/command-registry.ts'
import type { TransferForm } from '../state/transfer-state.ts'
import type { Workbench } from '../state/workbench.ts'

const titles: Readonly<Record<TransferForm['kind'], string>> = {
  dump: 'Dump database',
  restore: 'Restore a dump into the database',
  copy: 'Copy database to another',
}

export function transferCommands(workbench: Workbench): readonly Command[] {
  const command = (kind: TransferForm['kind']): Command => ({
    ...{ id: `database.${kind}`, title: titles[kind], group: 'Database' },
    isEnabled: () => workbench.targetInstance !== null && workbench.transfers.running.value === null,
    run: () => {
      const instance = workbench.targetInstance
      if (!instance) return
      workbench.instancePage.select(instance.id)
      workbench.layout.showPage('instances')
      workbench.transfers.ask(kind, instance)
    },
  })
  return [command('dump'), command('restore'), command('copy')]
}
