/** `ipcMain`: listeners and handlers of what pages send. */

import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { strict } from './strict.ts'

type Handler = Parameters<Electron.IpcMain['handle']>[1]

const handlers = new Map<string, Handler>()

const emitter = Object.assign(new EventEmitter(), {
  handle(channel: string, handler: Handler): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  },
  removeHandler(channel: string): void {
    handlers.delete(channel)
  },
} satisfies Partial<Electron.IpcMain>)

export const ipcMain = strict('ipcMain', emitter)

/** What a page sent without waiting for an answer. */
export function dispatchSent(channel: string, event: object, args: readonly unknown[]): void {
  emitter.emit(channel, event, ...args)
}

/** What a page waits for the answer of; a channel without a handler is refused. */
export async function dispatchInvoked(
  channel: string,
  event: object,
  args: readonly unknown[],
): Promise<unknown> {
  const handler = handlers.get(channel)
  if (!handler) throw new Error(`No handler registered for '${channel}'`)
  return await (handler(event as Electron.IpcMainInvokeEvent, ...args) as unknown)
}
