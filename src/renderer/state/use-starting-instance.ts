/** Whether what a console waits for is its own database, which is not there for anybody yet. */

import type { ConsoleTab } from './console-tab.ts'
import { useStore } from './use-store.ts'
import { useWorkbench } from './workbench-context.ts'

/** The name of the tab's database while it starts; null when it is ready, or gone. */
export function useStartingInstance(tab: ConsoleTab): string | null {
  const { instances } = useWorkbench()
  const { instanceId } = useStore(tab.label)
  useStore(instances.instances)
  const instance = instances.find(instanceId)
  return instance?.state === 'starting' || instance?.state === 'restarting' ? instance.name : null
}
