/** `powerSaveBlocker`: counts, and keeps nothing awake. */

import type Electron from 'electron'
import { note } from './asked.ts'
import { strict } from './strict.ts'

const started = new Set<number>()
let lastId = 0

export const powerSaveBlocker = strict('powerSaveBlocker', {
  start(type) {
    lastId += 1
    started.add(lastId)
    note('powerSaveBlocker.start', type, lastId)
    return lastId
  },
  stop(id) {
    note('powerSaveBlocker.stop', id)
    return started.delete(id)
  },
  isStarted: (id) => started.has(id),
} satisfies Electron.PowerSaveBlocker)
