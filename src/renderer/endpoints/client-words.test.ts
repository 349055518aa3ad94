/** What is said of clients, and their order. Method: tables, and generated lists for the order. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EndpointClient } from '../../contract/endpoint.ts'
import { addressWords, ageWords, clientName, hasWorkToLose, isBusy, sortClients } from './client-words.ts'

const client: EndpointClient = {
  ...{ id: 'c', processId: 7, role: 'app', database: 'shop', applicationName: 'psql', address: '127.0.0.1' },
  ...{ port: 5000, isEncrypted: false, isFork: false, connectedAtMs: 1, state: 'idle', stateSinceMs: 1 },
  ...{ statement: null, waitingFor: null },
}

describe('what is said of clients', () => {
  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [7_500_000, '2 h 5 min'],
    [172_800_000, '2 d'],
  ])('%d ms are %s', (ageMs, words) => expect(ageWords(ageMs)).toBe(words))

  it('names them by their program, or else by their number, and says where they are', () => {
    expect(clientName(client)).toBe('psql 7')
    expect(clientName({ ...client, applicationName: '' })).toBe('client 7')
    expect(addressWords({ ...client, isEncrypted: true })).toBe('127.0.0.1:5000, TLS')
    expect(addressWords({ ...client, address: null, port: null })).toBe('Unix-domain socket')
  })

  it('knows what can be cancelled, and what would be lost', () => {
    const of = (state: EndpointClient['state']): boolean[] => {
      return [isBusy({ ...client, state }), hasWorkToLose({ ...client, state })]
    }
    expect(of('active')).toEqual([true, true])
    expect(of('waiting')).toEqual([true, true])
    expect(of('idle in transaction')).toEqual([false, true])
    expect(of('idle in transaction (aborted)')).toEqual([false, true])
    expect(of('idle')).toEqual([false, false])
    expect(of('starting')).toEqual([false, false])
  })
})

describe('the order of clients', () => {
  const states = ['waiting', 'active', 'idle in transaction', 'starting', 'idle'] as const
  const columns = [
    'client',
    'state',
    'since',
    'statement',
    'waitingFor',
    'database',
    'role',
    'address',
  ] as const
  const anyClient = fc.record({
    id: fc.uuid(),
    processId: fc.nat(),
    connectedAtMs: fc.nat(5),
    stateSinceMs: fc.nat(5),
    state: fc.constantFrom(...states),
    statement: fc.option(fc.constantFrom('a', 'b'), { nil: null }),
  })

  it('keeps every client, whatever it goes by, and turns round', () => {
    fc.assert(
      fc.property(fc.array(anyClient), fc.constantFrom(...columns), (some, column) => {
        const clients = some.map((each) => ({ ...client, ...each }))
        const sorted = sortClients(clients, { column, direction: 'ascending' })
        expect(new Set(sorted)).toEqual(new Set(clients))
        const again = sortClients(sorted.toReversed(), { column, direction: 'ascending' })
        expect(again.map(({ connectedAtMs }) => connectedAtMs)).toEqual(
          sorted.map(({ connectedAtMs }) => connectedAtMs),
        )
      }),
    )
  })

  it('has those at work first, and the longest wait last when it goes by time', () => {
    const clients = states.toReversed().map((state, index) => {
      return { ...client, id: state, state, stateSinceMs: 100 - index }
    })
    const byState = sortClients(clients, { column: 'state', direction: 'ascending' })
    expect(byState.map(({ state }) => state)).toEqual(states)
    const bySince = sortClients(clients, { column: 'since', direction: 'descending' })
    expect(bySince.map(({ stateSinceMs }) => stateSinceMs)).toEqual([96, 97, 98, 99, 100])
  })
})
