/**
 * `protocol`: the app's own schemes, whose handlers answer the requests of a server on loopback. Also takes the
 * sockets of pages to whoever made them. Knows no window.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type Electron from 'electron'
import { WebSocketServer, type WebSocket } from 'ws'
import { isAppReady } from './readiness.ts'
import { SchemeAddresses } from './scheme-addresses.ts'
import { strict } from './strict.ts'

type Handler = Parameters<Electron.Protocol['handle']>[1]

const handlers = new Map<string, Handler>()
const privileges = new Map<string, Electron.Privileges>()
/** Whoever a page's socket belongs to, by its path. */
const socketOwners = new Map<string, (socket: WebSocket) => void>()
/** Whoever waits for the request for a path that was said to one page. */
const responseOwners = new Map<string, (response: ServerResponse) => void>()
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

let addresses: SchemeAddresses | null = null

/** How addresses are translated; the server must have been started. */
export function servedAddresses(): SchemeAddresses {
  if (!addresses) throw new Error('stand-in: nothing is served before the app is ready')
  return addresses
}

/** Hands the sockets that are opened at `path` to `owner`. */
export function ownSocketPath(path: string, owner: (socket: WebSocket) => void): void {
  socketOwners.set(path, owner)
}

/** Hands the response to the one request for `path` to `owner`, who ends it. */
export function ownResponse(path: string, owner: (response: ServerResponse) => void): void {
  responseOwners.set(path, owner)
}

/** Starts serving what the handlers answer; resolves with what stops it. */
export async function startSchemeServer(): Promise<() => void> {
  const server = createServer((request, response) => void respond(request, response))
  server.on('upgrade', (request, socket, head) => {
    const owner = socketOwners.get(request.url ?? '')
    if (owner) sockets.handleUpgrade(request, socket, head, owner)
    else socket.destroy()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  addresses = new SchemeAddresses((server.address() as AddressInfo).port, new Set(privileges.keys()))
  return () => {
    server.close()
    server.closeAllConnections()
  }
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/'
  const owner = responseOwners.get(path)
  if (owner) {
    responseOwners.delete(path)
    owner(response)
    return
  }
  try {
    const url = servedAddresses().fromServed(`http://${request.headers.host ?? ''}${path}`)
    const handler = handlers.get(new URL(url).protocol.slice(0, -1))
    if (!handler) {
      response.writeHead(404).end()
      return
    }
    const answer = await handler(toWebRequest(url, request))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    const body = answer.body as Parameters<typeof Readable.fromWeb>[0] | null
    if (body) Readable.fromWeb(body).pipe(response)
    else response.end()
  } catch (error) {
    process.stderr.write(`stand-in: a handler of a scheme failed: ${String(error)}\n`)
    response.destroy()
  }
}

/** Without the headers that only the loopback server's requests have. */
function toWebRequest(url: string, { method = 'GET', headers }: IncomingMessage): Request {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (['host', 'connection', 'cookie'].includes(name) || value === undefined) return []
    const text = Array.isArray(value) ? value.join(', ') : value
    return [[name, ['origin', 'referer'].includes(name) ? servedAddresses().fromServed(text) : text]]
  })
  return new Request(url, { method, headers: kept })
}

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(schemes) {
    if (isAppReady()) {
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    }
    for (const { scheme, privileges: granted } of schemes) {
      if (!granted?.standard || !granted.secure) {
        throw new Error(
          `stand-in: ${scheme} must be standard and secure, as everything that it is served at is`,
        )
      }
      privileges.set(scheme, granted)
    }
  },
  handle(scheme, handler) {
    if (!isAppReady()) throw new Error('protocol.handle cannot be used before app is ready')
    if (!privileges.has(scheme)) throw new Error(`stand-in: ${scheme} is not registered as privileged`)
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`)
    handlers.set(scheme, handler)
  },
  unhandle(scheme) {
    handlers.delete(scheme)
  },
  isProtocolHandled: (scheme) => handlers.has(scheme),
} satisfies Partial<Electron.Protocol>)
