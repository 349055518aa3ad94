/**
 * Goal: a program finds the host it was told of and no other, and shows its token to no other. Method: the real
 * endpoint, and a server of somebody who took the port.
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { hostPortLimits } from '../../rpc/message-codec.ts'
import type { Port, PortMessage } from '../../rpc/port.ts'
import { createWebSocketPort } from '../../rpc/websocket-port.ts'
import { newAccessSecrets } from './access-control.ts'
import { connectToHost, requestLoginUrl } from './endpoint-client.ts'
import { formatHostAddress, parseHostAddress } from './host-address.ts'
import { WorkbenchEndpoint } from './workbench-endpoint.ts'

const secrets = newAccessSecrets(null)
let endpoint: WorkbenchEndpoint
let accepted: Port[]

beforeEach(async () => {
  accepted = []
  endpoint = await WorkbenchEndpoint.listen({
    port: 0,
    secrets,
    clock: systemClock,
    pages: null,
    onSocket: (socket) => {
      accepted.push(createWebSocketPort(socket, { limits: hostPortLimits, confirmsSending: true }))
    },
    onFailure: () => undefined,
  })
})
afterEach(() => endpoint.close())

describe('requestLoginUrl', () => {
  it('answers null where the host serves no page, and throws where it is gone', async () => {
    const address = parseHostAddress(formatHostAddress(endpoint.address, secrets))
    expect(await requestLoginUrl(address)).toBeNull()
    await endpoint.close()
    await expect(requestLoginUrl(address)).rejects.toMatchObject({ code: 'disconnected' })
  })
})

describe('connectToHost', () => {
  it('carries messages both ways', async () => {
    const port = await connectToHost(parseHostAddress(formatHostAddress(endpoint.address, secrets)))
    const [hostPort] = accepted
    const echoed = new Promise<PortMessage>((resolve) => {
      port.listen({ onMessage: resolve, onClose: () => undefined })
    })
    hostPort?.listen({ onMessage: (message) => hostPort.post(message), onClose: () => undefined })
    port.post({ head: { hello: 'host' }, buffers: [Uint8Array.of(1, 2, 3).buffer] })
    const { head, buffers } = await echoed
    expect(head).toEqual({ hello: 'host' })
    expect([...new Uint8Array(buffers[0] ?? new ArrayBuffer())]).toEqual([1, 2, 3])
    port.dispose()
  })

  it('shows its token to nobody who cannot prove to be that host', async () => {
    const seen: string[] = []
    const squatter = createServer((request, response) => {
      seen.push(JSON.stringify(request.rawHeaders) + (request.url ?? ''))
      response.end(JSON.stringify({ proof: 'guessed' }))
    })
    squatter.on('upgrade', (request) => seen.push(JSON.stringify(request.rawHeaders)))
    await once(squatter.listen(0, '127.0.0.1'), 'listening')
    const origin = `http://127.0.0.1:${(squatter.address() as AddressInfo).port}`
    const attempt = connectToHost(parseHostAddress(formatHostAddress(origin, secrets)))
    await expect(attempt).rejects.toMatchObject({
      code: 'disconnected',
      message: expect.stringContaining('Another program answers'),
    })
    squatter.close()
    expect(seen).toHaveLength(1)
    expect(seen.join()).not.toMatch(
      new RegExp([secrets.commandToken, secrets.proofKey, secrets.userToken].join('|')),
    )
  })

  it('says that nothing answers where nothing does', async () => {
    const address = parseHostAddress(formatHostAddress(endpoint.address, secrets))
    await endpoint.close()
    await expect(connectToHost(address)).rejects.toMatchObject({ code: 'disconnected' })
  })

  it('is refused with the wrong token', async () => {
    const wrong = { ...parseHostAddress(formatHostAddress(endpoint.address, secrets)), commandToken: 'wrong' }
    await expect(connectToHost(wrong)).rejects.toMatchObject({ code: 'disconnected' })
    expect(accepted).toEqual([])
  })
})

describe('parseHostAddress', () => {
  it.each([
    '',
    'nonsense',
    'http://127.0.0.1:1/',
    'http://127.0.0.1:1/#command=a',
    'http://evil.example:1/#command=a&proof=b',
    'https://127.0.0.1:1/#command=a&proof=b',
  ])('refuses "%s"', (text) => {
    expect(() => parseHostAddress(text)).toThrow(/restart that host/)
  })
})
