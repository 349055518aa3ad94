/**
 * The way to the host in Electron: asks the preload script for a port, which arrives as a window message, since
 * ports cannot cross the context bridge. Knows nothing of what travels.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { createElectronClientPort } from '../../rpc/electron-port.ts'
import type { Port } from '../../rpc/port.ts'
import type { PortSource } from './workbench-client.ts'

/** The one member of the preload's bridge that connecting needs. */
export interface PortRequester {
  requestPort(): unknown
}

/** How the preload script names the message that brings a port, or without one says that the host has ended. */
export const portMessageName = 'wardian:port'

/** Starting the host takes about a second; after this long it will not come. */
const portTimeoutMs = 30_000

export function electronPorts(bridge: PortRequester): PortSource {
  let current: Port | null = null
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (!isPortMessage(event) || event.ports.length > 0) return
    current?.close('The host has ended')
  })
  return {
    open: async () => {
      current = await requestPort(bridge)
      return current
    },
  }
}

/** Whether it is from the preload script, which speaks as the page's own window. */
function isPortMessage({ source, data }: MessageEvent<unknown>): boolean {
  return source === window && data === portMessageName
}

function requestPort(bridge: PortRequester): Promise<Port> {
  const { promise, resolve, reject } = Promise.withResolvers<Port>()
  const onMessage = (event: MessageEvent<unknown>): void => {
    const [port] = event.ports
    if (!isPortMessage(event) || !port) return
    resolve(createElectronClientPort(port))
  }
  const timer = setTimeout(() => {
    reject(new WorkbenchError('disconnected', 'The host did not start in time'))
  }, portTimeoutMs)
  window.addEventListener('message', onMessage)
  void Promise.resolve(bridge.requestPort()).catch((error: unknown) => {
    const message = `The host could not be reached: ${String(error)}`
    reject(new WorkbenchError('disconnected', message, { cause: error }))
  })
  return promise.finally(() => {
    clearTimeout(timer)
    window.removeEventListener('message', onMessage)
  })
}
