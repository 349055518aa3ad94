/**
 * Goal: a copy is the same as its source, is compared before it counts, and is all or nothing. Method: a real host and
 * engines; the server elsewhere is the host's own endpoint, reached as any other server is.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { startAsKept } from '../../src/contract/endpoint.ts'
import {
  wholeDatabase,
  type CopyReport,
  type DatabasePlace,
  type RestoreTarget,
  type TransferEvent,
  type TransferScope,
} from '../../src/contract/transfer.ts'
import { parseServerAddress } from '../../src/main/transfer/server-address.ts'
import { catalogContents } from '../support/catalog-contents.ts'
import { openTimeoutMs } from '../support/engine-fixture.ts'
import { transferFixture } from '../support/transfer-fixture.ts'

const everyObject = readFileSync(join(import.meta.dirname, 'every-object.sql'), 'utf8')
type Place = DatabasePlace & { readonly kind: 'instance' }

interface CopyWishes extends Partial<TransferScope> {
  readonly signal?: AbortSignal
  onEvent?(event: TransferEvent): void
}

describe('a copy', { timeout: openTimeoutMs }, () => {
  const fixture = transferFixture()
  let source: Place

  beforeAll(async () => {
    source = await fixture.create('source', 'move_owner', 'move_reader')
    await fixture.restore(source, everyObject)
  }, openTimeoutMs)

  async function copy(
    from: DatabasePlace,
    target: RestoreTarget,
    wishes: CopyWishes = {},
  ): Promise<CopyReport> {
    const { signal, onEvent, ...part } = wishes
    const params = { source: from, target, scope: { ...wholeDatabase, ...part } }
    const stream = fixture.client.stream('transfer.copy', params, { signal })
    for await (const { value } of stream) onEvent?.(value)
    return stream.result
  }

  const contents = (place: Place): ReturnType<typeof catalogContents> =>
    catalogContents((sql) => fixture.run(place, sql))

  async function place(name: string): Promise<Place> {
    const found = (await fixture.client.call('instance.list', null)).find(
      (instance) => instance.name === name,
    )
    return { kind: 'instance', instanceId: found?.id ?? '' }
  }

  it('into a new instance has every object and row, and makes the roles that own them', async () => {
    const notices: string[] = []
    const report = await copy(
      source,
      { kind: 'newInstance', name: 'new' },
      {
        onEvent: (event) => {
          if (event.kind === 'notice') notices.push(event.text)
        },
      },
    )
    expect(report).toMatchObject({ targetName: 'new', tables: 16, largeObjects: 2 })
    expect(report.rows).toBeGreaterThan(250)
    expect(notices).toContain(
      'Made the roles move_owner, move_reader, which cannot log in until they are allowed to',
    )
    expect(await contents(await place('new'))).toEqual(await contents(source))
  })

  it('to a server and back has every object and row', async () => {
    await fixture.create('there', 'move_owner', 'move_reader')
    const { instanceId } = await place('there')
    await fixture.client.call('endpoint.start', { endpointId: 'postgres', ...startAsKept, port: 0 })
    const { host, port, password } = await fixture.client.call('endpoint.connection', {
      ...{ endpointId: 'postgres', instanceId },
    })
    const url = `postgres://postgres:${encodeURIComponent(password ?? '')}@${host}:${port}/there?sslmode=prefer`
    const report = await copy(source, { kind: 'url', url })
    expect(report).toMatchObject({ targetName: `there on ${host}:${port}`, tables: 16 })
    // The way back is through the server as an instance that is kept.
    const server = await fixture.client.call('remote.create', { name: 'server', ...parseServerAddress(url) })
    const kept = { kind: 'instance', instanceId: server.id } as const
    const { rows } = await copy(kept, { kind: 'newInstance', name: 'back' })
    expect(rows).toBe(report.rows)
    expect(await contents(await place('back'))).toEqual(await contents(source))
  })

  it('of a part is compared, too', async () => {
    const target = await fixture.create('part', 'move_owner', 'move_reader')
    await fixture.run(target, 'create schema kinds')
    const report = await copy(source, target, { tables: ['kinds.bookings', 'kinds.hashed*'] })
    expect(report).toMatchObject({ tables: 3, rows: 50, sequences: 0, largeObjects: 0 })
  })

  it('says before it begins what stands against it', async () => {
    const target = await fixture.create('taken')
    await expect(copy(source, target)).rejects.toMatchObject({
      ...{ code: 'not-found', message: expect.stringContaining('the roles move_owner, move_reader') },
    })
    for (const role of ['move_owner', 'move_reader']) await fixture.run(target, `create role ${role}`)
    await fixture.run(target, 'create schema kinds')
    await fixture.run(target, 'create table kinds.people ()')
    await expect(copy(source, target)).rejects.toMatchObject({
      ...{ code: 'already-exists', message: expect.stringContaining('taken has kinds.people already') },
    })
    await expect(copy(source, source)).rejects.toMatchObject({ code: 'invalid-argument' })
    const url = 'postgres://nobody@127.0.0.1:1/x'
    await expect(copy({ kind: 'url', url }, target)).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('that is not the same at the end is not committed', async () => {
    const target = await fixture.create('different')
    await fixture.run(target, 'create schema kinds')
    await fixture.run(target, 'create table kinds.nodes (id int, parent int, friend int)')
    await fixture.run(
      target,
      `create function spoil() returns trigger language plpgsql as 'begin new.parent := 0; return new; end'`,
    )
    await fixture.run(
      target,
      'create trigger spoil before insert on kinds.nodes for each row execute function spoil()',
    )
    await expect(copy(source, target, { content: 'data', tables: ['kinds.nodes'] })).rejects.toMatchObject({
      ...{ code: 'conflict', message: expect.stringContaining('The table kinds.nodes is not the same') },
    })
    expect(await fixture.run(target, 'select count(*)::text from kinds.nodes')).toEqual([['0']])
  })

  it('that is cancelled leaves no instance, and lets others go on', async () => {
    const cancelled = new AbortController()
    const copying = copy(
      source,
      { kind: 'newInstance', name: 'cancelled' },
      {
        signal: cancelled.signal,
        onEvent: (event) => {
          if (event.kind === 'progress' && event.phase !== 'checking') cancelled.abort()
        },
      },
    )
    await expect(copying).rejects.toMatchObject({ code: 'cancelled' })
    expect(await fixture.run(source, 'select count(*)::text from kinds.people')).toEqual([['152']])
    await expect.poll(() => fixture.names(), { timeout: openTimeoutMs }).not.toContain('cancelled')
  })
})
