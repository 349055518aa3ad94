/** Loaded first into a utility process: gives it `process.parentPort`. */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { isPortMessage, PortTunnel } from './message-ports.ts'
import { strict } from './strict.ts'
import type { ToUtility } from './utility-messages.ts'

const tunnel = new PortTunnel('utility', (message) => void process.send?.(message))

const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (data: unknown) => void process.send?.({ kind: 'child', data }),
} satisfies Partial<Electron.ParentPort>)

process.on('message', (message: ToUtility) => {
  if (isPortMessage(message)) {
    tunnel.receive(message)
    return
  }
  const ports = message.ports.map((id) => tunnel.take(id))
  parentPort.emit('message', { data: message.data, ports })
})
// The main process is gone, and Electron would end this one.
process.on('disconnect', () => process.exit(1))

Object.assign(process, { type: 'utility', parentPort: strict('parentPort', parentPort) })
