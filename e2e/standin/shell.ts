/** `shell`: what the desktop would open is only noted. */

import type Electron from 'electron'
import { note } from './asked.ts'
import { strict } from './strict.ts'

export const shell = strict('shell', {
  openExternal: (url) => {
    note('shell.openExternal', url)
    return Promise.resolve()
  },
  openPath: (path) => {
    note('shell.openPath', path)
    return Promise.resolve('')
  },
  showItemInFolder: (path) => note('shell.showItemInFolder', path),
  beep: () => note('shell.beep'),
} satisfies Partial<Electron.Shell>)
