/** `Notification`: shown nowhere, but noted; a spec clicks one by emitting `click` on it. */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { note } from './asked.ts'
import { strict } from './strict.ts'

type Members = Pick<Electron.Notification, 'title' | 'body' | 'show' | 'close'>

/** Those that are shown now, the newest last. */
const shown: StandInNotification[] = []

export class StandInNotification extends EventEmitter implements Members {
  title: string
  body: string

  constructor({ title = '', body = '' }: Electron.NotificationConstructorOptions = {}) {
    super()
    this.title = title
    this.body = body
    return strict('Notification', this)
  }

  static isSupported(): boolean {
    return true
  }

  show(): void {
    shown.push(this)
    note('Notification.show', this.title, this.body)
    this.emit('show', {})
  }

  close(): void {
    const index = shown.indexOf(this)
    if (index === -1) return
    shown.splice(index, 1)
    note('Notification.close', this.title)
    this.emit('close', {})
  }
}

export function shownNotifications(): readonly StandInNotification[] {
  return shown
}
