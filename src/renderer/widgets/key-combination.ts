/**
 * Key combinations: from a key press to the form in which commands name them (`Mod+Shift+P`), and from there to
 * what is printed on this platform's keys. Knows no command.
 */

/** The fields of a KeyboardEvent that make a combination. */
export interface KeyPress {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** Whether Cmd does what Ctrl does elsewhere. */
export const isMac = /^mac/i.test(globalThis.navigator?.platform ?? '')

/** `Mod+Shift+P` for a key press; empty for a modifier alone. Mod is Cmd on a Mac and Ctrl elsewhere. */
export function combinationOf(press: KeyPress, onMac: boolean = isMac): string {
  if (['Control', 'Meta', 'Alt', 'Shift'].includes(press.key)) return ''
  const parts: string[] = []
  if (onMac ? press.metaKey : press.ctrlKey) parts.push('Mod')
  if (onMac && press.ctrlKey) parts.push('Ctrl')
  if (!onMac && press.metaKey) parts.push('Meta')
  if (press.altKey) parts.push('Alt')
  if (press.shiftKey) parts.push('Shift')
  return [...parts, keyName(press)].join('+')
}

/** With Alt or Shift held, `key` is what would be typed; `code` says which key it was. */
function keyName({ key, code, altKey, shiftKey }: KeyPress): string {
  const physical = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1]
  if (physical !== undefined && (altKey || shiftKey)) return physical
  if (altKey && code === 'Comma') return ','
  if (altKey && code === 'Period') return '.'
  return key.length === 1 ? key.toUpperCase() : key
}

const macSymbols: Readonly<Record<string, string>> = { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧' }
const keySymbols: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
}

/** A combination as people of this platform write it: `Ctrl+Shift+P`, or `⇧⌘P`. */
export function printCombination(combination: string, onMac: boolean = isMac): string {
  const parts = combination.split('+')
  const key = parts.pop() ?? ''
  const printed = keySymbols[key] ?? key
  if (!onMac) return [...parts.map((part) => (part === 'Mod' ? 'Ctrl' : part)), printed].join('+')
  const order = ['Ctrl', 'Alt', 'Shift', 'Mod']
  const sorted = [...parts].sort((a, b) => order.indexOf(a) - order.indexOf(b))
  return sorted.map((part) => macSymbols[part] ?? part).join('') + printed
}
