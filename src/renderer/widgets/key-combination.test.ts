/** Key combinations: pressed, named and printed, on both kinds of keyboard. */

import { describe, expect, it } from 'vitest'
import { combinationOf, printCombination, type KeyPress } from './key-combination.ts'

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }
const press = (key: string, code: string, modifiers: Partial<KeyPress>): KeyPress => ({
  ...none,
  key,
  code,
  ...modifiers,
})

describe('a key combination', () => {
  it('is named after its key, not after what the modifiers would type', () => {
    const named = [
      combinationOf(press('P', 'KeyP', { ctrlKey: true, shiftKey: true }), false),
      combinationOf(press('π', 'KeyP', { altKey: true }), true),
      combinationOf(press('≥', 'Period', { altKey: true }), true),
      combinationOf(press('p', 'KeyP', { metaKey: true }), true),
      combinationOf(press('Tab', 'Tab', { ctrlKey: true }), true),
      combinationOf(press('F6', 'F6', { shiftKey: true }), false),
      combinationOf(press('Control', 'ControlLeft', { ctrlKey: true }), false),
    ]
    expect(named).toEqual(['Mod+Shift+P', 'Alt+P', 'Alt+.', 'Mod+P', 'Ctrl+Tab', 'Shift+F6', ''])
  })

  it('is printed as the keys of the platform are', () => {
    expect(printCombination('Mod+Shift+P', false)).toBe('Ctrl+Shift+P')
    expect(printCombination('Mod+Shift+P', true)).toBe('⇧⌘P')
    expect(printCombination('Alt+ArrowUp', true)).toBe('⌥↑')
    expect(printCombination('Escape', false)).toBe('Esc')
  })
})
