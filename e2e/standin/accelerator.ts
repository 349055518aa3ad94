/** Whether a text is an accelerator, by the table of Electron's documentation (accelerator.md). */

const modifiers: ReadonlySet<string> = new Set([
  'command',
  'cmd',
  'control',
  'ctrl',
  'commandorcontrol',
  'cmdorctrl',
  'alt',
  'option',
  'altgr',
  'shift',
  'super',
  'meta',
])

const namedKeys =
  'plus space tab capslock numlock scrolllock backspace delete insert return enter up down left right home end ' +
  'pageup pagedown escape esc volumeup volumedown volumemute medianexttrack mediaprevioustrack mediastop ' +
  'mediaplaypause printscreen numdec numadd numsub nummult numdiv'

const names: ReadonlySet<string> = new Set(namedKeys.split(' '))

const shortKey = /^([a-z0-9]|[)!@#$%^&*(:;+=<,_>.?/~`{}[\]|\\"'-]|f([1-9]|1\d|2[0-4])|num\d)$/

export function isAccelerator(text: string): boolean {
  const parts = text.toLowerCase().split('+')
  const last = parts.pop() ?? ''
  return (names.has(last) || shortKey.test(last)) && parts.every((part) => modifiers.has(part))
}
