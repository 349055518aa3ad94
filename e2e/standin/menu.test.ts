/** Goal: a menu can be read and clicked like Electron's, and a wrong accelerator is no accelerator. */

import { expect, test } from 'vitest'
import { isAccelerator } from './accelerator.ts'
import { StandInMenu } from './menu.ts'

test('an item is found by its id at any depth, and does what it was made to', () => {
  const clicked: string[] = []
  const menu = StandInMenu.buildFromTemplate([
    { label: 'File', submenu: [{ id: 'open', label: 'Open', click: () => clicked.push('open') }] },
    { id: 'wrap', label: 'Wrap', type: 'checkbox' },
  ])
  menu.getMenuItemById('open')?.click()
  menu.getMenuItemById('wrap')?.click()
  expect(clicked).toEqual(['open'])
  expect(menu.getMenuItemById('wrap')?.checked).toBe(true)
  expect(menu.getMenuItemById('none')).toBeNull()
})

test('an item that is disabled does nothing', () => {
  const clicked: string[] = []
  const menu = StandInMenu.buildFromTemplate([
    { id: 'a', label: 'A', enabled: false, click: () => clicked.push('a') },
  ])
  menu.getMenuItemById('a')?.click()
  expect(clicked).toEqual([])
})

test('accelerators are those of the documentation', () => {
  for (const text of ['CmdOrCtrl+Shift+N', 'F11', 'Alt+Left', 'CommandOrControl+Plus', 'Ctrl+,']) {
    expect(isAccelerator(text), text).toBe(true)
  }
  for (const text of ['Strg+N', 'Ctrl+', 'N+Ctrl', 'Ctrl+Shift', 'F25']) {
    expect(isAccelerator(text), text).toBe(false)
  }
  expect(() => StandInMenu.buildFromTemplate([{ label: 'A', accelerator: 'Strg+N' }])).toThrow('Strg+N')
})
