/**
 * What a webhook is told, and what happens where it does not take it: tried again after a while, given up, never sent
 * elsewhere. Method: real servers on loopback, and a clock whose pauses are over at once.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { systemClock, type Clock } from '../../base/clock.ts'
import type { Alert } from '../../contract/monitor.ts'
import type { Webhook } from './monitor-settings.ts'
import { WebhookSender } from './webhook-sender.ts'

const waitMs = { timeout: 30_000 }

const alert: Alert = {
  ...{ id: 'a1', thresholdId: 't1', metric: 'rss', instanceId: null, instanceName: null },
  ...{ comparison: 'above', limit: 1, worst: 2, sinceMs: 1_000, endedAtMs: null },
  message: 'Resident memory of the host is 2, above 1',
}

/**
 * Pauses are over at once; attempts are over when a test says so. What it is asked for, one after the other, is an
 * attempt (a) or a pause (p).
 */
class ImpatientClock implements Clock {
  readonly pauses: number[] = []
  readonly #attempts = new Set<() => void>()
  readonly #order: string
  #asked = 0

  constructor(order: string) {
    this.#order = order
  }

  nowMs(): number {
    return systemClock.nowMs()
  }

  monotonicMs(): number {
    return systemClock.monotonicMs()
  }

  after(delayMs: number, action: () => void): { dispose(): void } {
    if (this.#order[this.#asked++] !== 'p') {
      this.#attempts.add(action)
      return { dispose: () => void this.#attempts.delete(action) }
    }
    this.pauses.push(delayMs)
    return systemClock.after(0, action)
  }

  endAttempts(): void {
    for (const end of [...this.#attempts]) end()
  }
}

interface Wishes {
  readonly bearerToken?: string | null
  readonly order?: string
}

describe('a webhook', () => {
  expectNoLeaks()
  const servers: Server[] = []
  const senders: WebhookSender[] = []

  afterEach(async () => {
    for (const sender of senders.splice(0)) sender.dispose()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  /** Its origin, and the bodies that have come. */
  async function listen(answer: (response: ServerResponse, count: number) => void) {
    const bodies: string[] = []
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = ''
      for await (const part of request) body += String(part)
      bodies.push(body)
      answer(response, bodies.length)
    }
    const server = createServer((request, response) => void take(request, response))
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies }
  }

  function open(url: string, { bearerToken = null, order = '' }: Wishes = {}) {
    const clock = new ImpatientClock(order)
    const failures: string[] = []
    const kept: { webhook: Webhook | null } = { webhook: { url, bearerToken } }
    const sender = new WebhookSender({
      ...{ clock, version: '1.2.3', webhook: () => kept.webhook },
      onFailure: (message) => failures.push(message),
    })
    senders.push(sender)
    return { clock, failures, kept, sender }
  }

  const statuses =
    (...codes: readonly number[]) =>
    (response: ServerResponse, count: number): void => {
      response.statusCode = codes[Math.min(count, codes.length) - 1] ?? 200
      response.end()
    }

  it('is told again after a second, ten and a minute, until it takes it', async () => {
    const { origin, bodies } = await listen(statuses(500, 503, 200))
    const { clock, failures, sender } = open(`${origin}/hook`, { order: 'apapaa' })
    sender.send(alert)
    sender.send({ ...alert, endedAtMs: 2_000 })
    await vi.waitFor(() => expect(bodies).toHaveLength(4), waitMs)
    const kinds = bodies.map((body) => (JSON.parse(body) as { kind: string }).kind)
    expect(kinds).toEqual(['firing', 'firing', 'firing', 'resolved'])
    expect(clock.pauses).toEqual([1_000, 10_000])
    expect(failures).toEqual([])
  })

  it('is given up after four attempts, with a reason that has no part of a secret address', async () => {
    const { origin, bodies } = await listen(statuses(500))
    const { clock, failures, sender } = open(`${origin}/secret-path?token=secret`, {
      bearerToken: 'secret',
      order: 'apapapa',
    })
    sender.send(alert)
    await vi.waitFor(() => expect(failures).toHaveLength(1), waitMs)
    expect(failures).toEqual([`The webhook was not told of an alert: ${origin} answered 500`])
    expect(bodies).toHaveLength(4)
    expect(clock.pauses).toEqual([1_000, 10_000, 60_000])
  })

  it('is not followed to where it sends', async () => {
    const elsewhere = await listen(statuses(200))
    const { origin } = await listen((response) => {
      response.writeHead(307, { Location: `${elsewhere.origin}/` })
      response.end()
    })
    const { sender } = open(origin, { bearerToken: 'secret' })
    expect(await sender.test()).toEqual({
      isDelivered: false,
      message: `${origin} answered 307, which sends elsewhere; set the address itself`,
    })
    expect(elsewhere.bodies).toEqual([])
  })

  it('that does not answer is not waited for longer than ten seconds', async () => {
    const { origin, bodies } = await listen(() => undefined)
    const { clock, sender } = open(origin)
    const testing = sender.test()
    await vi.waitFor(() => expect(bodies).toHaveLength(1), waitMs)
    clock.endAttempts()
    expect(await testing).toEqual({ isDelivered: false, message: `${origin} did not answer within 10 s` })
  })

  it('that is not there is told so by its origin and a code', async () => {
    const { origin } = await listen(statuses(200))
    const server = servers.pop()
    await new Promise((resolve) => server?.close(resolve))
    const { sender } = open(`${origin}/secret`)
    expect(await sender.test()).toEqual({
      isDelivered: false,
      message: `${origin} could not be reached (ECONNREFUSED)`,
    })
  })

  it('is told of the last hundred alerts when many wait, and of none once it was taken away', async () => {
    const arrived = Promise.withResolvers<ServerResponse>()
    const { origin, bodies } = await listen((response, count) => {
      if (count === 1) arrived.resolve(response)
      else response.end()
    })
    const { kept, sender } = open(origin)
    sender.send(alert)
    const held = await arrived.promise
    for (let index = 0; index < 150; index += 1) sender.send({ ...alert, id: `a${index}` })
    held.end()
    await vi.waitFor(() => expect(bodies).toHaveLength(101), waitMs)
    expect(JSON.parse(bodies[1] ?? '')).toMatchObject({ alertId: 'a50' })
    expect(JSON.parse(bodies[100] ?? '')).toMatchObject({ alertId: 'a149' })
    kept.webhook = null
    sender.send(alert)
    expect(await sender.test()).toBeNull()
    expect(bodies).toHaveLength(101)
  })
})
