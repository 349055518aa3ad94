/**
 * Ports that Electron carries between processes: MessagePortMain at the host's end, an ordinary MessagePort in
 * the page. Both ends send copies: Electron's main side takes no buffers to transfer (MessagePortMain.postMessage
 * in electron.d.ts), and a page that hands some over loses the whole message (electron/electron issue 34905).
 */

import { clientPortLimits, hostPortLimits } from './message-codec.ts'
import { createMessagePort, type EventTargetPort } from './message-port.ts'
import type { Port } from './port.ts'

/** The members of MessagePortMain that are used. */
export interface ElectronMainPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start?(): void
  close?(): void
}

/** The host's end. */
export function createElectronHostPort(target: ElectronMainPort): Port {
  return createMessagePort(
    {
      postMessage: (message) => target.postMessage(message),
      on(event, listener) {
        if (event === 'message') target.on('message', ({ data }) => listener(data))
        if (event === 'close') target.on('close', () => listener(undefined))
      },
      start: () => target.start?.(),
      close: () => target.close?.(),
    },
    { limits: hostPortLimits, transfersBuffers: false },
  )
}

/** The page's end: the MessagePort that the shell sent to it. */
export function createElectronClientPort(target: EventTargetPort): Port {
  return createMessagePort(target, { limits: clientPortLimits, transfersBuffers: false })
}
