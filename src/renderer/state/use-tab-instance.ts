/** The database of a console, and whether it is there: still starting, or it could not be opened. */

import type { Instance } from '../../contract/instance.ts'
import type { ConsoleTab } from './console-tab.ts'
import { useStore } from './use-store.ts'
import { useWorkbench } from './workbench-context.ts'

/** The name of the tab's database while it starts; null when it is ready, or gone. */
export function useStartingInstance(tab: ConsoleTab): string | null {
  const instance = useTabInstance(tab)
  return instance?.state === 'starting' || instance?.state === 'restarting' ? instance.name : null
}

/** The name of the tab's database when it could not be opened; else null. */
export function useFailedInstance(tab: ConsoleTab): string | null {
  const instance = useTabInstance(tab)
  return instance?.state === 'failed' ? instance.name : null
}

function useTabInstance(tab: ConsoleTab): Instance | null {
  const { instances } = useWorkbench()
  const { instanceId } = useStore(tab.label)
  useStore(instances.instances)
  return instances.find(instanceId)
}
