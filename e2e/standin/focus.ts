/** Which window has the focus: the one that was shown or focused last. Knows windows by what menus do to them. */

import { appEvents } from './lifecycle.ts'

export interface FocusableWindow {
  close(): void
  minimize(): void
  emit(name: 'focus' | 'blur'): boolean
}

let focused: FocusableWindow | undefined

export function focusedWindow(): FocusableWindow | undefined {
  return focused
}

/** The focus goes to `window`, or out of the app. */
export function moveFocus(window: FocusableWindow | undefined): void {
  if (focused === window) return
  const left = focused
  focused = window
  if (left) {
    left.emit('blur')
    appEvents.emit('browser-window-blur', {}, left)
  }
  if (!window) return
  window.emit('focus')
  appEvents.emit('browser-window-focus', {}, window)
}
