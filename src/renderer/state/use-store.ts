/** How components read stores. The only place where state and React touch, besides the context. */

import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type { Readable } from './store.ts'

/** The current value of `store`; the component renders again when it changes. */
export function useStore<T>(store: Readable<T>): T {
  const subscribe = useCallback(
    (notify: () => void) => {
      const subscription = store.onDidChange(() => notify())
      return () => subscription.dispose()
    },
    [store],
  )
  return useSyncExternalStore(subscribe, () => store.value)
}

/** Renders again every `intervalMs` while `isTicking`, for clocks that run on screen. */
export function useTick(isTicking: boolean, intervalMs: number): void {
  const [, setTick] = useState(0)
  useEffect(() => {
    if (!isTicking) return
    const timer = setInterval(() => setTick((tick) => tick + 1), intervalMs)
    return () => clearInterval(timer)
  }, [isTicking, intervalMs])
}
