/** The endpoint as a window knows it: told by the host, and its clients only while somebody looks. */

import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { workbenchExamples } from '../../../test/support/contract-examples.ts'
import { MemoryWorkbench } from '../../../test/support/memory-workbench.ts'
import type { Endpoint, EndpointClient } from '../../contract/endpoint.ts'
import { WorkbenchError } from '../../contract/error.ts'
import { WorkbenchClient } from '../client/workbench-client.ts'
import { EndpointState } from './endpoint-state.ts'

const example: Endpoint = workbenchExamples['endpoint.didChange'].payload
const off: Endpoint = { ...example, state: 'off', failure: null }
const client: EndpointClient = { ...lone(workbenchExamples['endpoint.watchClients'].chunks[0]?.clients) }

function lone(clients: readonly EndpointClient[] = []): EndpointClient {
  const [first] = clients
  if (!first) throw new Error('The example has no client')
  return first
}

describe('the endpoint of a window', () => {
  expectNoLeaks()
  const ends: { dispose(): void }[] = []
  afterEach(() => {
    for (const each of ends.splice(0).reverse()) each.dispose()
  })

  async function open(lists: readonly (readonly EndpointClient[])[] = []): Promise<{
    host: MemoryWorkbench
    state: EndpointState
    connection: WorkbenchClient
    watched: string[]
  }> {
    const watched: string[] = []
    const host = new MemoryWorkbench({
      'endpoint.list': () => Promise.resolve([off]),
      'endpoint.start': () => Promise.reject(new WorkbenchError('in-use', 'Port 5433 is in use')),
      'endpoint.watchClients': async function* (_params, { signal }) {
        watched.push('begun')
        for (const clients of lists) yield { value: { clients } }
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        watched.push('ended')
        return null
      },
    })
    const connection = new WorkbenchClient(host)
    const state = new EndpointState(connection)
    ends.push(connection, state)
    await connection.connect()
    await state.refresh()
    return { host, state, connection, watched }
  }

  it('is what the host says it is', async () => {
    const { host, state } = await open()
    expect(state.endpoint.value).toEqual(off)
    host.emit('endpoint.didChange', { ...off, state: 'listening', clientCount: 3 })
    await host.turn()
    expect(state.endpoint.value).toMatchObject({ state: 'listening', clientCount: 3 })
    state.isAskingToStop.set(true)
    host.emit('endpoint.didChange', off)
    await host.turn()
    expect(state.isAskingToStop.value).toBe(false)
  })

  it('does not start without saying why', async () => {
    const { host, state } = await open()
    await expect(state.start()).rejects.toMatchObject({ code: 'in-use' })
    // Where its state says so, nobody has to be told a second time.
    host.emit('endpoint.didChange', { ...example, state: 'failed' })
    await host.turn()
    await state.start()
  })

  it('asks for clients while somebody looks, and keeps those that have not changed', async () => {
    const other = { ...client, id: 'c2' }
    const { host, state, watched } = await open([[client], [{ ...client }, other]])
    expect(watched).toEqual([])
    const seen: (readonly EndpointClient[])[] = []
    state.feed.clients.onDidChange(() => seen.push(state.feed.clients.value))
    const [one, two] = [state.feed.look(), state.feed.look()]
    await host.turn()
    await host.turn()
    expect(watched).toEqual(['begun'])
    expect(seen.map((clients) => clients.length)).toEqual([1, 2])
    expect(seen[1]?.[0]).toBe(seen[0]?.[0])
    one.dispose()
    one.dispose()
    await host.turn()
    expect(watched).toEqual(['begun'])
    two.dispose()
    await host.turn()
    expect(watched).toEqual(['begun', 'ended'])
    expect(state.feed.clients.value).toEqual([])
  })
})
