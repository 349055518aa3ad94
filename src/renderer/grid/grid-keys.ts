/**
 * Which key does what in the grid. Pure: a key press goes in, an action comes out; on a Mac the command key takes
 * the place of control.
 */

import type { Motion } from './selection.ts'

export type GridAction =
  | { readonly kind: 'move'; readonly motion: Motion; readonly extend: boolean }
  | { readonly kind: 'select-all' }
  | { readonly kind: 'select-rows' }
  | { readonly kind: 'copy'; readonly withHeaders: boolean }
  | { readonly kind: 'open' }
  | { readonly kind: 'menu' }
  | { readonly kind: 'clear' }

/** The parts of a KeyboardEvent that matter. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

const plainMotions: Readonly<Record<string, Motion>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'row-start',
  End: 'row-end',
}

const commandMotions: Readonly<Record<string, Motion>> = {
  ArrowLeft: 'row-start',
  ArrowRight: 'row-end',
  ArrowUp: 'first-row',
  ArrowDown: 'last-row',
  Home: 'grid-start',
  End: 'grid-end',
}

/** The action of a key press; null when the key is not the grid's. */
export function actionOf(press: KeyPress): GridAction | null {
  if (press.altKey) return null
  const isCommand = press.ctrlKey || press.metaKey
  const motion = (isCommand ? commandMotions : plainMotions)[press.key]
  if (motion) return { kind: 'move', motion, extend: press.shiftKey }
  if (isCommand) return commandAction(press)
  if (press.key === 'F10' && press.shiftKey) return { kind: 'menu' }
  if (press.key === 'ContextMenu') return { kind: 'menu' }
  if (press.key === 'Escape') return { kind: 'clear' }
  if (press.key === ' ' && press.shiftKey) return { kind: 'select-rows' }
  return press.key === ' ' || press.key === 'Enter' ? { kind: 'open' } : null
}

function commandAction(press: KeyPress): GridAction | null {
  const key = press.key.toLowerCase()
  if (key === 'a' && !press.shiftKey) return { kind: 'select-all' }
  if (key === 'c' || (key === 'insert' && !press.shiftKey))
    return { kind: 'copy', withHeaders: press.shiftKey }
  return null
}
