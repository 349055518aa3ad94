/**
 * Both rpc ends against an opposite end that sends anything: valid conversations with some of their parts replaced,
 * moved or repeated. Whatever comes, nothing is thrown past the port, nothing stays open after the end, and a port
 * that is still open still works. WARDIAN_FUZZ_ROUNDS sets how many conversations are tried.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { probeContract } from '../../test/support/probe-contract.ts'
import { serveProbe } from '../../test/support/probe-server.ts'
import { RawPeer } from '../../test/support/raw-peer.ts'
import { openDisposables } from '../base/disposable.ts'
import { createMemoryPorts } from './memory-port.ts'
import { clientPortLimits } from './message-codec.ts'
import type { JsonValue } from './port.ts'
import { connectContract } from './rpc-client.ts'

const numRuns = Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 300)
/** A round takes about a millisecond on an idle machine. */
const timeout = 30_000 + numRuns * 10

interface Sent {
  readonly head: JsonValue
  readonly bufferCount: number
}

/** Mostly of a request that may be open; anything else ends the port. */
const id = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(99, 0, -1, 1.5, 2 ** 53, 'x', null) },
)
const name = fc.constantFrom(...Object.keys(probeContract), '__proto__', 'constructor', '', 'probe.none')
const params = fc.oneof(
  fc.constant(null),
  fc.record({ count: fc.integer({ min: -1, max: 20 }), bufferBytes: fc.integer({ min: -1, max: 20 }) }),
  fc.record({ text: fc.string() }),
  fc.jsonValue(),
)
const bufferCount = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat({ max: 16 }) },
)

const credit = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 64, 65, 'x') },
)

const fromClient = fc.oneof(
  fc.record({ kind: fc.constant('call'), id, name, params }),
  fc.record({ kind: fc.constant('stream'), id, name, params, credit }),
  fc.record({ kind: fc.constant('credit'), id, count: credit }),
  fc.record({ kind: fc.constant('cancel'), id }),
)
const value = fc.oneof(
  fc.record({ index: fc.nat() }),
  fc.record({ produced: fc.nat() }),
  fc.record({ text: fc.string() }),
  fc.record({ code: fc.constantFrom('sql-error', 'new'), message: fc.string(), sql: fc.constant(null) }),
  fc.jsonValue(),
)
const fromHost = fc.oneof(
  fc.record({ kind: fc.constantFrom('result', 'chunk'), id, value }),
  fc.record({ kind: fc.constant('error'), id, error: value }),
  fc.record({ kind: fc.constant('event'), name, payload: value }),
)

/** Mostly in the right order of ids, so that conversations go on; sometimes anything. */
function conversation(part: fc.Arbitrary<unknown>, renumbered: boolean): fc.Arbitrary<Sent[]> {
  const any = fc.oneof({ weight: 100, arbitrary: part }, { weight: 1, arbitrary: fc.jsonValue() })
  const sent = fc.record({ head: any, bufferCount, keepsId: fc.nat({ max: 9 }).map((roll) => roll === 0) })
  return fc.array(sent, { maxLength: 25 }).map((items) => {
    let lastId = 0
    return items.map(({ head, bufferCount: count, keepsId }) => {
      const opens = typeof head === 'object' && head !== null && 'params' in head
      const changed = renumbered && opens && !keepsId ? { ...head, id: ++lastId } : head
      return { head: JSON.parse(JSON.stringify(changed)) as JsonValue, bufferCount: count }
    })
  })
}

function play(peer: RawPeer, sent: readonly Sent[]): void {
  for (const { head, bufferCount: count } of sent) {
    peer.post(
      head,
      Array.from({ length: count }, () => new ArrayBuffer(3)),
    )
  }
}

/** Lets everything that is under way in this thread come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('the serving end', () => {
  expectNoLeaks()

  it('survives any client', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(conversation(fromClient, true), async (sent) => {
        const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
        const server = serveProbe(hostPort)
        const peer = new RawPeer(clientPort)
        play(peer, sent)
        await settle()
        server.dispose()
        await server.shutdown(0)
        expect(await peer.closed()).toMatch(/./)
        expect(openDisposables()).toEqual({})
      }),
      { numRuns },
    )
  })
})

describe('the asking end', () => {
  expectNoLeaks()

  it('survives any host, and settles whatever was asked', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(conversation(fromHost, false), async (sent) => {
        const [clientPort, hostPort] = createMemoryPorts(clientPortLimits)
        const peer = new RawPeer(hostPort)
        const client = connectContract(probeContract, clientPort)
        client.on('probe.didTick', () => undefined)
        const stream = client.stream('probe.count', { count: 3, bufferBytes: 1 })
        const asked = [
          client.call('probe.echo', { text: 'a' }),
          client.callWithBuffers('probe.echoBuffers', null),
          client.call('probe.wait', null),
          (async () => {
            for await (const { value: chunk } of stream) expect(chunk.index).toBeGreaterThanOrEqual(0)
          })(),
          stream.result,
          client.stream('probe.stall', null).result,
        ]
        const settled = Promise.allSettled(asked)
        play(peer, sent)
        await settle()
        client.dispose()
        for (const outcome of await settled) {
          const reason: unknown = outcome.status === 'rejected' ? outcome.reason : null
          expect(reason === null || (reason instanceof Error && reason.name === 'WorkbenchError')).toBe(true)
        }
        expect(openDisposables()).toEqual({})
      }),
      { numRuns },
    )
  })
})
