/**
 * Every row of the workbench contract crosses a border and comes out as it went in: served over a port by
 * handlers that answer the examples, asked by the real client.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { present } from '../base/assert.ts'
import { workbenchExamples } from '../../test/support/contract-examples.ts'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import type { Handlers } from '../rpc/handlers.ts'
import { clientPortLimits, messageBuffersMax } from '../rpc/message-codec.ts'
import { createMemoryPorts } from '../rpc/memory-port.ts'
import { connectContract, type ContractClient } from '../rpc/rpc-client.ts'
import { serveContract, type ContractServer } from '../rpc/rpc-server.ts'
import type { ContractTable } from './contract-table.ts'
import { errorCodes, WorkbenchError } from './error.ts'
import { workbenchContract } from './workbench-contract.ts'

interface Example {
  readonly params?: unknown
  readonly chunks?: readonly unknown[]
  readonly result?: unknown
  readonly payload?: unknown
}

/** The contract with its types forgotten, so that one test can walk over all rows. */
const table: ContractTable = workbenchContract
const examples = new Map<string, Example>(Object.entries(workbenchExamples))
const rows = Object.entries(table)

function exampleOf(name: string): Example {
  return present(examples.get(name), `the example of ${name}`)
}

function rowsOf(kind: 'call' | 'stream' | 'event'): string[] {
  return rows.filter(([, spec]) => spec.kind === kind).map(([name]) => name)
}

describe('workbenchContract', () => {
  expectNoLeaks()

  const seen = new Map<string, unknown>()
  let client: ContractClient<ContractTable>
  let server: ContractServer<ContractTable>

  beforeEach(() => {
    const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
    server = serveContract(table, hostPort, { handlers: exampleHandlers(seen) })
    client = connectContract(table, clientPort)
  })
  afterEach(() => client.dispose())

  it.each(rowsOf('call'))('%s brings its parameters and its result across', async (name) => {
    const { params, result } = exampleOf(name)
    expect(await client.call(name as never, params as never)).toEqual(result)
    expect(seen.get(name)).toEqual(params)
  })

  it.each(rowsOf('stream'))('%s brings its chunks across', async (name) => {
    const { params, chunks, result } = exampleOf(name)
    const stream = client.stream(name as never, params)
    const received: unknown[] = []
    for await (const { value } of stream) received.push(value)
    expect(received).toEqual(chunks)
    expect(await stream.result).toEqual(result)
    expect(seen.get(name)).toEqual(params)
  })

  it.each(rowsOf('event'))('%s brings its payload across', async (name) => {
    const { payload } = exampleOf(name)
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const subscription = client.on(name as never, resolve)
    server.emit(name as never, payload)
    expect(await promise).toEqual(payload)
    subscription.dispose()
  })

  it.each(rows)('%s refuses what is not of its form, naming the place', (name, spec) => {
    const { params, payload } = exampleOf(name)
    const schema = spec.kind === 'event' ? spec.payload : spec.params
    const example = spec.kind === 'event' ? payload : params
    const wrongs = example === null ? [0, '', [], {}] : [null, undefined, 0, '', []]
    for (const wrong of wrongs) {
      expect(() => schema.parse(wrong, 'params')).toThrow(/^params/)
      expect(() => schema.parse(wrong, 'params')).toThrow(WorkbenchError)
    }
  })

  it('drops fields that it does not know, so that a newer side is understood', () => {
    for (const [name, spec] of rows) {
      if (spec.kind !== 'call' || exampleOf(name).params === null) continue
      const newer = { ...(exampleOf(name).params as object), inventedTomorrow: { deep: [1] } }
      expect(spec.params.parse(newer, 'params')).toEqual(exampleOf(name).params)
    }
  })

  it('has no row with more buffers than a message may carry', () => {
    const maxima = rows.map(([, spec]) => (spec.kind === 'event' ? 0 : spec.buffersMax))
    expect(Math.max(...maxima)).toBeLessThanOrEqual(messageBuffersMax)
  })

  it('names its rows as area.action, and events as area.didX', () => {
    for (const [name, spec] of rows) {
      expect(name).toMatch(spec.kind === 'event' ? /^[a-z]+\.did[A-Z]\w+$/ : /^[a-z]+\.(?!did[A-Z])[a-z]\w+$/)
    }
  })
})

describe('errorCodes', () => {
  it('has no code twice', () => {
    expect(new Set(errorCodes).size).toBe(errorCodes.length)
  })
})

function exampleHandlers(seen: Map<string, unknown>): Handlers<ContractTable> {
  const handlers: Record<string, unknown> = {}
  for (const [name, spec] of rows) {
    const { chunks = [], result } = exampleOf(name)
    if (spec.kind === 'call') {
      handlers[name] = (params: unknown) => {
        seen.set(name, params)
        return Promise.resolve(result)
      }
    } else if (spec.kind === 'stream') {
      handlers[name] = async function* (params: unknown) {
        seen.set(name, params)
        for (const value of chunks) yield await Promise.resolve({ value })
        return result
      }
    }
  }
  return handlers
}
