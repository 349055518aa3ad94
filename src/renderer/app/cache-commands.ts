/** The actions on kept results. Where the page of databases is shown, they mean the database that is chosen there. */

import type { CacheOptions } from '../../contract/cache.ts'
import type { Instance } from '../../contract/instance.ts'
import type { Command } from '../state/command-registry.ts'
import type { Workbench } from '../state/workbench.ts'

export function cacheCommands(workbench: Workbench): readonly Command[] {
  const { cache, toasts } = workbench
  const group = 'Database'
  const target = (): Instance | null => {
    const { targetInstance } = workbench
    return targetInstance && targetInstance.storage !== 'remote' ? targetInstance : null
  }
  const change = async (fields: Partial<CacheOptions>, words: string): Promise<void> => {
    const instance = target()
    if (!instance) return
    await cache.setOptions(instance.id, { ...(await cache.optionsOf(instance.id)), ...fields })
    toasts.info(`${instance.name} ${words}`)
  }
  return [
    {
      id: 'database.keep-results',
      title: 'Keep results of queries',
      group,
      isEnabled: () => target() !== null,
      run: () => change({ isOn: true }, 'keeps results of queries until a table of theirs is written'),
    },
    {
      id: 'database.keep-no-results',
      title: 'Keep no results of queries',
      group,
      isEnabled: () => target() !== null,
      run: () => change({ isOn: false }, 'keeps no results'),
    },
    {
      id: 'database.forget-results',
      title: 'Forget all kept results',
      group,
      isEnabled: () => target() !== null,
      run: async () => {
        const instance = target()
        if (!instance) return
        await cache.clear(instance.id, null)
        toasts.info(`${instance.name} has forgotten its kept results`)
      },
    },
  ]
}
