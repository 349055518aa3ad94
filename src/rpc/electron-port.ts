/**
 * Ports that Electron carries between processes: MessagePortMain or a utility process's parentPort at the
 * host's end, an ordinary MessagePort in the page. Both ends send copies, see `MessagePortOptions`.
 */

import { clientPortLimits, hostPortLimits } from './message-codec.ts'
import { createMessagePort, type EmitterPort, type EventTargetPort } from './message-port.ts'
import type { Port } from './port.ts'

/** The host's end, a MessagePortMain. */
export function createElectronHostPort(target: EmitterPort): Port {
  return createMessagePort(target, { limits: hostPortLimits, transfersBuffers: false, wrapsData: true })
}

/** The page's end: the MessagePort that the shell sent to it. */
export function createElectronClientPort(target: EventTargetPort): Port {
  return createMessagePort(target, { limits: clientPortLimits, transfersBuffers: false })
}
