/**
 * Keeps the keyboard somewhere: when the element that had the focus is taken away (a closed tab, a hidden
 * sidebar), the focus goes to the page in front or to the editor, or else to the nearest area, instead of nowhere.
 */

import { useEffect } from 'react'
import type { EditorBridge } from '../state/editor-bridge.ts'
import { areas, focusArea } from './areas.ts'

export function useFocusKeeper(editor: EditorBridge): void {
  useEffect(() => {
    let last: Element | null = null
    const onFocusIn = (event: FocusEvent): void => {
      last = event.target instanceof Element ? event.target : null
    }
    const observer = new MutationObserver(() => {
      if (last === null || last.isConnected || document.activeElement !== document.body) return
      last = null
      if (focusArea('page')) return
      if (editor.current) editor.current.focus()
      else areas.some((area) => focusArea(area))
    })
    document.addEventListener('focusin', onFocusIn)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => {
      document.removeEventListener('focusin', onFocusIn)
      observer.disconnect()
    }
  }, [editor])
}
