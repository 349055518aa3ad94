/** Turns key presses anywhere in the window into commands, before whatever has the focus sees them. */

import { useEffect } from 'react'
import type { CommandRegistry } from '../state/command-registry.ts'
import { combinationOf } from '../widgets/key-combination.ts'

export function useCommandKeys(commands: CommandRegistry): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.isComposing || event.repeat || isInModal(event.target)) return
      const command = commands.forKeys(combinationOf(event))
      if (!command) return
      event.preventDefault()
      event.stopPropagation()
      commands.run(command.id)
    }
    window.addEventListener('keydown', onKeyDown, { capture: true })
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [commands])
}

/** A dialog has the keys to itself. */
function isInModal(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role=dialog], [role=alertdialog]') !== null
}
