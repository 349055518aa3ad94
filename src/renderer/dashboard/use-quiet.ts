/** What a feed of counted parts shows, with the parts in which nothing happened. */

import { useMemo } from 'react'
import { withQuietParts } from '../state/quiet-parts.ts'
import type { FeedContent } from '../state/series-feed.ts'
import { useStore } from '../state/use-store.ts'
import { useWorkbench } from '../state/workbench-context.ts'

export function useQuiet(content: FeedContent): FeedContent {
  const { dashboard, clock } = useWorkbench()
  const window = useStore(dashboard.view.window)
  return useMemo(
    () => ({ ...content, series: withQuietParts(content.series, window, clock.nowMs()) }),
    [content, window, clock],
  )
}
