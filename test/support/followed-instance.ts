/**
 * An instance in a directory that is followed over the web endpoint, as it is in the product, and written to by three
 * sessions of a console and a client of the wire. Has one socket, which can be lost and comes back.
 */

import { once } from 'node:events'
import pg from 'pg'
import { WebSocket } from 'ws'
import { present } from '../../src/base/assert.ts'
import { systemClock } from '../../src/base/clock.ts'
import { startAsKept } from '../../src/contract/endpoint.ts'
import { postgresEndpointId } from '../../src/main/host/hosted-endpoint.ts'
import { startHost, type WorkbenchHost } from '../../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from './client-fixture.ts'
import { EnvelopeClient, type ReceivedFrame } from './envelope-client.ts'
import { eventsOf } from './subscriber.ts'

export const writers = ['one', 'two', 'three', 'wire'] as const
export type Writer = (typeof writers)[number]

interface Parts {
  readonly host: WorkbenchHost
  readonly workbench: WorkbenchClient
  readonly instanceId: string
  readonly url: string
  readonly secret: string
}

export class FollowedInstance {
  readonly #parts: Parts
  readonly #consoles = new Map<string, Console>()
  #wire: pg.Client | null = null
  #client: EnvelopeClient | null = null
  /** Of sockets that were lost. */
  readonly #before: ReceivedFrame[] = []

  static async start(dataDirectory: string, schema: string): Promise<FollowedInstance> {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const host = await startHost({ dataDirectory, shell: 'command', clock: systemClock, log })
    const workbench = connect(host)
    const made = { name: 'shop', storage: 'directory', withSample: false } as const
    const { id: instanceId } = await workbench.call('instance.create', made)
    await workbench.call('endpoint.start', { endpointId: postgresEndpointId, ...startAsKept, port: 0 })
    const { url } = await workbench.call('web.start', { port: 0 })
    const { secret } = await workbench.call('web.createToken', {
      ...{
        label: 'test',
        instanceIds: [instanceId],
        access: 'read-write',
        role: 'postgres',
        expiresAtMs: null,
      },
    })
    const found = new FollowedInstance({
      host,
      workbench,
      instanceId,
      secret,
      url: present(url, 'the address'),
    })
    await found.#openSessions()
    await found.say('one', schema)
    await found.#connect([])
    return found
  }

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  get client(): EnvelopeClient {
    return present(this.#client, 'a socket')
  }

  /** All events of a subscription, over all sockets. */
  eventsOf(subscription: string): ReceivedFrame[] {
    const before = this.#before.filter(({ meta }) => meta.subscription === subscription)
    return [...before, ...eventsOf(this.client, subscription)]
  }

  /** Forgets the events of a subscription that begins again. */
  forget(subscription: string): void {
    for (const frames of [this.#before, this.client.frames]) {
      const kept = frames.filter(({ meta }) => meta.subscription !== subscription)
      frames.splice(0, frames.length, ...kept)
    }
  }

  /** A console's script, or a text of the wire; what is left open by one that fails is rolled back. */
  async say(who: Writer, sql: string): Promise<void> {
    if (who === 'wire') {
      await this.#wire?.query(sql).catch(() => this.#wire?.query('rollback'))
      return
    }
    const session = present(this.#consoles.get(who), who)
    const { statements } = await session.run(sql, { mode: 'script' })
    if (statements.some(({ outcome }) => outcome?.status !== 'ok')) await session.run('rollback')
  }

  /** The socket is cut; answers which of these subscriptions go on, on another one. */
  async loseSocket(subscriptions: readonly string[]): Promise<readonly string[]> {
    const { client } = this
    const socketId = client.frames.find(({ meta }) => meta.type === 'hello_ok')?.data?.['socket_id']
    client.socket.terminate()
    await client.closed
    const wishes = subscriptions.map((subscription) => ({
      ...{ subscription, socket_id: socketId },
      last_event_id: Math.max(0, ...this.eventsOf(subscription).map(({ meta }) => meta.event_id ?? 0)),
    }))
    this.#before.push(...client.frames.filter(({ meta }) => meta.type === 'event'))
    return (await this.#connect(wishes))['resumed'] as readonly string[]
  }

  /** Runs `work`, and puts the instance back to where it was before. */
  async andBack(work: () => Promise<void>): Promise<void> {
    const { workbench, instanceId } = this.#parts
    const taken = await finish(workbench.stream('snapshot.take', { instanceId, label: null }))
    await work()
    await this.#wire?.end()
    await finish(workbench.stream('snapshot.rewind', { instanceId, snapshotId: taken.id }))
    await workbench.call('instance.start', { instanceId })
    await this.#openSessions()
  }

  async stop(): Promise<void> {
    await this.#wire?.end()
    await this.#client?.close()
    this.#parts.workbench.dispose()
    await this.#parts.host.stop()
  }

  async #openSessions(): Promise<void> {
    const { workbench, instanceId } = this.#parts
    for (const who of writers) {
      if (who !== 'wire') this.#consoles.set(who, await Console.open(workbench, instanceId, who))
    }
    const { host, port, role, password, database } = await workbench.call('endpoint.connection', {
      ...{ endpointId: postgresEndpointId, instanceId },
    })
    this.#wire = new pg.Client({ host, port, user: role, password, database })
    this.#wire.on('error', () => undefined)
    await this.#wire.connect()
  }

  async #connect(resume: readonly object[]): Promise<Readonly<Record<string, unknown>>> {
    const { url, secret } = this.#parts
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1`, 'wardian.v1.json')
    await once(socket, 'open')
    this.#client = new EnvelopeClient(socket, { encoding: 'json', isReading: true })
    const hello = { token: secret, client: 'test/1', ...(resume.length > 0 ? { resume } : {}) }
    const { data, error } = await this.#client.ask('hello', hello, { tenant: 'shop' })
    if (error) throw new Error(error.message)
    return data ?? {}
  }
}

/** Reads a stream to its end. */
async function finish<Result>(
  stream: AsyncIterable<unknown> & { readonly result: Promise<Result> },
): Promise<Result> {
  for await (const _ of stream) continue
  return stream.result
}
