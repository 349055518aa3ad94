/**
 * The way to the host in a browser: logs in with the token of the address's fragment, once, and opens WebSockets
 * to the origin that served the page. Knows nothing of what travels.
 */

import { WorkbenchError } from '../../contract/error.ts'
import { clientPortLimits } from '../../rpc/message-codec.ts'
import type { Port } from '../../rpc/port.ts'
import { openWebSocketPort } from '../../rpc/websocket-port.ts'
import type { PortSource } from './workbench-client.ts'

const openAgain = 'Open the address that Wardian printed when it started, or run `wardian` again.'

/** Ports to the origin of this page. */
export function createWebSocketPorts(): PortSource {
  // Kept until the host has taken it: the first attempt may fail before that.
  let token = takeToken()
  return {
    async open(): Promise<Port> {
      await logIn(token)
      token = null
      const url = new URL('/port', location.href)
      url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
      return openWebSocketPort(new WebSocket(url), {
        limits: clientPortLimits,
        confirmsSending: false,
      })
    },
  }
}

/** Trades the token for a cookie; without one, asks whether the cookie of an earlier visit still holds. */
async function logIn(token: string | null): Promise<void> {
  const response = await request(token)
  if (response.ok) return
  if (response.status === 401) {
    throw new WorkbenchError('unauthorized', `This window is not logged in to Wardian. ${openAgain}`)
  }
  throw new WorkbenchError('disconnected', `Wardian answered ${response.status}: ${await response.text()}`)
}

async function request(token: string | null): Promise<Response> {
  try {
    if (token === null) return await fetch('/session', { cache: 'no-store' })
    return await fetch('/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  } catch (error) {
    const message = 'Wardian does not answer. Is it still running?'
    throw new WorkbenchError('disconnected', message, { cause: error })
  }
}

/** The token of `#token=…`, which leaves the address bar and the browser's history by this. */
function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(null, '', location.pathname + location.search)
  return token
}
