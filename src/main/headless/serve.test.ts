/**
 * Goal: the headless shell starts and ends its two parts in order, and a browser's way in works as a whole. Method:
 * a host with scripted answers, the real endpoint, real HTTP and WebSockets.
 */

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { workbenchContract } from '../../contract/workbench-contract.ts'
import { clientPortLimits } from '../../rpc/message-codec.ts'
import { connectContract } from '../../rpc/rpc-client.ts'
import { openWebSocketPort } from '../../rpc/websocket-port.ts'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ScriptedHost } from '../../../test/support/scripted-host.ts'
import { connectToHost } from '../endpoints/endpoint-client.ts'
import { parseHostAddress } from '../endpoints/host-address.ts'
import type { HostLog } from '../host/host-options.ts'
import { preferredPort } from './preferred-port.ts'
import { serve, type ServeOptions, type Serving } from './serve.ts'

expectNoLeaks()

let folder: string
let host: ScriptedHost | null
let serving: Serving | null
let messages: string[]
const description = {
  version: '1',
  shell: 'serve',
  dataDirectory: '/d',
  processId: 1,
  nodeVersion: '24',
  notices: [],
} as const

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardian-serve-'))
  await writeFile(join(folder, 'index.html'), 'page')
  host = null
  serving = null
  messages = []
})
afterEach(async () => {
  await serving?.stop()
  await rm(folder, { recursive: true, force: true })
})

function options(port: number | null): ServeOptions {
  const note = (message: string): void => void messages.push(message)
  const log: HostLog = { info: note, warn: note, error: note }
  return {
    startHost: (hostOptions) => {
      host = new ScriptedHost(hostOptions, { 'host.describe': () => Promise.resolve(description) })
      return Promise.resolve(host)
    },
    dataDirectory: folder,
    port,
    token: null,
    pageFolder: folder,
    clock: systemClock,
    log,
  }
}

async function occupy(port: number): Promise<Server> {
  const server = createServer()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return server
}

/** What the page does: trades the token of the fragment for a cookie, and opens a socket with it. */
async function describeThrough(url: string): Promise<unknown> {
  const { origin, hash } = new URL(url)
  const token = new URLSearchParams(hash.slice(1)).get('token')
  const loggedIn = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: origin },
    body: JSON.stringify({ token }),
  })
  if (!loggedIn.ok) return loggedIn.status
  const cookie = loggedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/port`, {
    headers: { Cookie: cookie, Origin: origin },
  })
  const port = await openWebSocketPort(socket, { limits: clientPortLimits, confirmsSending: true })
  const client = connectContract(workbenchContract, port)
  const answer = await client.call('host.describe', null)
  const closed = once(socket, 'close')
  client.dispose()
  await closed
  return answer
}

describe('serve', () => {
  it('lets the page in by the printed address, and by a one-time address once', async () => {
    serving = await serve(options(null))
    expect(serving.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/)
    expect(await describeThrough(serving.url)).toEqual(description)
    const once = serving.oneTimeUrl()
    expect(once).not.toBe(serving.url)
    expect(await describeThrough(once)).toEqual(description)
    expect(await describeThrough(once)).toBe(401)
    expect(await describeThrough(serving.url)).toEqual(description)
  })

  it('tells programs where it is, until it stops', async () => {
    serving = await serve(options(null))
    const published =
      host?.events.find((event) => event.startsWith('publish '))?.slice('publish '.length) ?? ''
    const client = connectContract(workbenchContract, await connectToHost(parseHostAddress(published)))
    expect(await client.call('host.describe', null)).toEqual(description)
    expect(published).not.toContain(new URL(serving.url).hash.slice('#token='.length))
    client.dispose()
    await serving.stop()
    expect(host?.events.slice(-2)).toEqual(['publish nothing', 'stop'])
  })

  it('prefers one port, and takes a free one when that is in use', async () => {
    const others = await occupy(preferredPort).catch(() => null)
    serving = await serve(options(null))
    expect(serving.port).not.toBe(preferredPort)
    expect(messages.join()).toContain(`Port ${preferredPort} is in use`)
    others?.close()
  })

  it('takes exactly the port it is told, or says that it is in use and leaves nothing running', async () => {
    const others = await occupy(0)
    const { port } = others.address() as { port: number }
    await expect(serve(options(port))).rejects.toMatchObject({ code: 'in-use' })
    expect(host?.events).toEqual(['stop'])
    others.close()
    serving = await serve(options(port))
    expect(serving.port).toBe(port)
  })

  it('starts no host when the page is not built', async () => {
    await rm(join(folder, 'index.html'))
    await expect(serve(options(null))).rejects.toMatchObject({ code: 'not-found' })
    expect(host).toBeNull()
  })

  it('passes on why the host did not start', async () => {
    const startHost = (): Promise<never> => Promise.reject(new WorkbenchError('in-use', 'held by another'))
    await expect(serve({ ...options(null), startHost })).rejects.toThrow('held by another')
  })

  it('ends its clients when it stops, and may be stopped twice', async () => {
    serving = await serve(options(null))
    const published =
      host?.events.find((event) => event.startsWith('publish '))?.slice('publish '.length) ?? ''
    const client = connectContract(workbenchContract, await connectToHost(parseHostAddress(published)))
    const closed = new Promise<string>((resolve) => void client.onDidClose(resolve))
    await Promise.all([serving.stop(), serving.stop()])
    expect(await closed).toBe('Wardian was stopped')
    expect(host?.events.filter((event) => event === 'stop')).toEqual(['stop'])
  })
})
