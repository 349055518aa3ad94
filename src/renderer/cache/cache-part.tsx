/** The dashboard's part about kept results: those of the database that is looked at. */

import { Archive } from 'lucide-react'
import type { ReactElement } from 'react'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'
import { EmptyState } from '../widgets/empty-state.tsx'
import { CacheSection } from './cache-section.tsx'
import styles from './cache.module.css'

export function CachePart({ instanceId }: { readonly instanceId: string | null }): ReactElement {
  const { instances } = useWorkbench()
  useStore(instances.instances)
  const instance = instances.find(instanceId)
  if (!instance || instance.storage === 'remote') {
    return (
      <EmptyState icon={Archive} title="Results are kept for databases here">
        What a server elsewhere answers is not kept: others write there, too.
      </EmptyState>
    )
  }
  return (
    <div className={styles['part']}>
      <CacheSection instance={instance} />
    </div>
  )
}
