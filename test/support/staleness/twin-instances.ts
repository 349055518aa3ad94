/**
 * Two instances of one host that are told the same, in the same order: one keeps results and one does not. What they
 * answer is compared by whoever drives them. Has three sessions of a console and a client of the wire on each.
 */

import pg from 'pg'
import { present } from '../../../src/base/assert.ts'
import { systemClock } from '../../../src/base/clock.ts'
import type { CacheOptions } from '../../../src/contract/cache.ts'
import { startAsKept } from '../../../src/contract/endpoint.ts'
import { postgresEndpointId } from '../../../src/main/host/hosted-endpoint.ts'
import { startHost, type WorkbenchHost } from '../../../src/main/host/workbench-host.ts'
import { connect, Console, type WorkbenchClient } from '../client-fixture.ts'

export const speakers = ['one', 'two', 'three', 'wire'] as const
export type Speaker = (typeof speakers)[number]

/** What came of a text: its rows, or what was wrong. */
export interface Answer {
  readonly text: string
  readonly isHit: boolean
}

interface Side {
  readonly instanceId: string
  readonly consoles: ReadonlyMap<string, Console>
  readonly wire: pg.Client
}

const asText = { getTypeParser: () => (value: unknown) => value }

export class TwinInstances {
  readonly #host: WorkbenchHost
  readonly client: WorkbenchClient
  readonly #sides: readonly Side[]

  static async start(dataDirectory: string, options: CacheOptions): Promise<TwinInstances> {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const host = await startHost({
      ...{ dataDirectory, shell: 'command', clock: systemClock, log, cacheDurationMinMs: 0 },
    })
    const client = connect(host)
    const endpointId = postgresEndpointId
    await client.call('endpoint.start', { endpointId, ...startAsKept, port: 0 })
    const sides = [await openSide(client, 'keeping'), await openSide(client, 'plain')]
    const [keeping] = sides
    const { instanceId } = present(keeping, 'The one that keeps')
    await client.call('cache.setOptions', { instanceId, options })
    return new TwinInstances(host, client, sides)
  }

  private constructor(host: WorkbenchHost, client: WorkbenchClient, sides: readonly Side[]) {
    this.#host = host
    this.client = client
    this.#sides = sides
  }

  get keepingId(): string {
    return present(this.#sides[0], 'The one that keeps').instanceId
  }

  /** What the one that keeps results answers, and what the other does. */
  async say(who: Speaker, sql: string): Promise<[Answer, Answer]> {
    const [one, other] = this.#sides.map((side) =>
      who === 'wire' ? byWire(side, sql) : byConsole(side, who, sql),
    )
    return [await present(one, 'One'), await present(other, 'The other')]
  }

  async stop(): Promise<void> {
    for (const { wire } of this.#sides) await wire.end()
    this.client.dispose()
    await this.#host.stop()
  }
}

async function openSide(client: WorkbenchClient, name: string): Promise<Side> {
  const { id: instanceId } = await client.call('instance.create', {
    name,
    storage: 'memory',
    withSample: false,
  })
  const consoles = new Map<string, Console>()
  for (const who of speakers) {
    if (who !== 'wire') consoles.set(who, await Console.open(client, instanceId, who))
  }
  const { host, port, role, password, database } = await client.call('endpoint.connection', {
    ...{ endpointId: postgresEndpointId, instanceId },
  })
  const wire = new pg.Client({ host, port, user: role, password, database, types: asText })
  await wire.connect()
  return { instanceId, consoles, wire }
}

async function byConsole({ consoles }: Side, who: Speaker, sql: string): Promise<Answer> {
  const { statements } = await present(consoles.get(who), who).run(sql, { mode: 'script' })
  const parts = statements.map(
    ({ rows, outcome }) => outcome?.error?.sql?.code ?? outcome?.error?.code ?? rows,
  )
  return {
    text: JSON.stringify(parts),
    isHit: statements.some(({ outcome }) => outcome?.cached !== undefined),
  }
}

async function byWire({ wire }: Side, sql: string): Promise<Answer> {
  try {
    const results: unknown = await wire.query({ text: sql, rowMode: 'array' })
    const all = Array.isArray(results) ? results : [results]
    const rows = all.map((result: unknown) => (result as { readonly rows: readonly unknown[] }).rows)
    return { text: JSON.stringify(rows), isHit: false }
  } catch (error) {
    // What was open is left, as the console's script leaves it open.
    return { text: String((error as { code?: string }).code), isHit: false }
  }
}
