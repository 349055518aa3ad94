/**
 * What a serving end does with a client that is broken or means harm, over every port. The client is played by
 * hand, through a bare port and, below it, through the carrier itself.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRequestsMax } from '../../src/contract/limits.ts'
import type { JsonValue } from '../../src/rpc/port.ts'
import { expectNoLeaks } from '../support/leak-check.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { carriers, type OpenCarrier } from './carriers.ts'

const wait = { kind: 'call', name: 'probe.wait', params: null } as const
const count = { kind: 'stream', name: 'probe.count', params: { count: 1_000, bufferBytes: 0 } } as const

/** Each ends the port: nothing that follows such a message could be trusted. */
const protocolBreaks: readonly (readonly JsonValue[])[] = [
  [null],
  [7],
  ['call'],
  [[]],
  [{}],
  [{ kind: '__proto__' }],
  [{ kind: 'constructor' }],
  [{ kind: 'result', id: 1, value: null }],
  [{ kind: 'call' }],
  [{ ...wait, id: '1' }],
  [{ ...wait, id: 0 }],
  [{ ...wait, id: -1 }],
  [{ ...wait, id: 1.5 }],
  [{ ...wait, id: 2 ** 60 }],
  [{ ...wait, id: 1, name: 'x'.repeat(300) }],
  [{ ...wait, id: 1, name: ['probe.wait'] }],
  [{ ...count, id: 1 }],
  [{ ...count, id: 1, credit: 0 }],
  [{ ...count, id: 1, credit: 65 }],
  [{ kind: 'cancel', id: 1 }],
  [{ kind: 'credit', id: 1, count: 1 }],
  [
    { ...wait, id: 1 },
    { ...wait, id: 1 },
  ],
  [
    { ...wait, id: 2 },
    { ...wait, id: 1 },
  ],
  [
    { ...wait, id: 1 },
    { kind: 'cancel', id: 1 },
    { ...wait, id: 1 },
  ],
  [
    { ...wait, id: 1 },
    { kind: 'cancel', id: 2 },
  ],
  [
    { ...wait, id: 1 },
    { kind: 'credit', id: 1, count: 64 },
    { kind: 'credit', id: 1, count: 64 },
  ],
]

/** Each is answered with `invalid-argument`, and the port goes on. */
const contractBreaks: readonly { name: string; params: JsonValue; kind?: 'stream' }[] = [
  { name: 'probe.unknown', params: null },
  { name: '__proto__', params: null },
  { name: 'constructor', params: null },
  { name: 'toString', params: null, kind: 'stream' },
  { name: 'probe.didTick', params: null },
  { name: 'probe.count', params: { count: 1, bufferBytes: 0 } },
  { name: 'probe.wait', params: null, kind: 'stream' },
  { name: 'probe.echo', params: null },
  { name: 'probe.echo', params: {} },
  { name: 'probe.echo', params: { text: 7 } },
  { name: 'probe.echo', params: { text: 'x'.repeat(100_001) } },
  { name: 'probe.echo', params: { text: 'x', __proto__: null, length: 1 }, kind: 'stream' },
  { name: 'probe.count', params: { count: -1, bufferBytes: 0 }, kind: 'stream' },
  {
    name: 'probe.count',
    params: JSON.parse('{"__proto__": {"count": 1, "bufferBytes": 0}}'),
    kind: 'stream',
  },
]

describe.each(carriers)('$name', (carrier) => {
  expectNoLeaks()

  let open: OpenCarrier
  let peer: RawPeer

  beforeEach(async () => {
    open = await carrier.open()
    peer = new RawPeer(open.port)
  })
  afterEach(() => open.close())

  it('closes with a reason on what breaks the protocol', async () => {
    const chosen = carrier.opensSlowly ? protocolBreaks.filter((_, index) => index % 6 === 0) : protocolBreaks
    for (const heads of chosen) {
      for (const head of heads) peer.post(head)
      expect(await peer.closed(), JSON.stringify(heads)).toMatch(/^The client broke the protocol: /)
      await open.close()
      open = await carrier.open()
      peer = new RawPeer(open.port)
    }
  })

  it('closes with a reason on what is no message at all', async () => {
    const chosen = carrier.opensSlowly ? open.garbage.filter((_, index) => index % 4 === 0) : open.garbage
    for (const items of chosen) {
      peer.post({ ...wait, id: 1 })
      for (const item of items) open.postRaw?.(item)
      expect(await peer.closed()).toMatch(/./)
      await open.close()
      open = await carrier.open()
      peer = new RawPeer(open.port)
    }
  })

  it('answers what breaks the contract, and goes on', async () => {
    let id = 0
    for (const { kind = 'call', ...rest } of contractBreaks) {
      id += 1
      peer.post(kind === 'stream' ? { kind, id, credit: 1, ...rest } : { kind, id, ...rest })
      expect(await peer.next(), JSON.stringify(rest)).toMatchObject({
        kind: 'error',
        id,
        error: { code: 'invalid-argument' },
      })
    }
    peer.post({ kind: 'call', id: id + 1, name: 'probe.echo', params: { text: 'on' } })
    expect(await peer.next()).toEqual({ kind: 'result', id: id + 1, value: { text: 'on' } })
  })

  it('refuses buffers where the contract has none, or too many', async () => {
    peer.post({ ...wait, id: 1 }, [new ArrayBuffer(1)])
    expect(await peer.next()).toMatchObject({ kind: 'error', id: 1, error: { code: 'invalid-argument' } })
    const five = Array.from({ length: 5 }, () => new ArrayBuffer(1))
    peer.post({ kind: 'call', id: 2, name: 'probe.echoBuffers', params: null }, five)
    expect(await peer.next()).toMatchObject({ kind: 'error', id: 2, error: { code: 'invalid-argument' } })
  })

  it('bounds how many requests are open, and has room again when one has ended', async () => {
    for (let id = 1; id <= openRequestsMax + 1; id += 1) peer.post({ ...wait, id })
    expect(await peer.next()).toMatchObject({ id: openRequestsMax + 1, error: { code: 'limit-exceeded' } })
    peer.post({ kind: 'cancel', id: 7 })
    const answers: JsonValue[] = []
    for (let id = openRequestsMax + 2; id < openRequestsMax + 1_000; id += 1) {
      peer.post({ kind: 'call', id, name: 'probe.echo', params: { text: 'room' } })
      answers.push(await peer.next())
      if (JSON.stringify(answers.at(-1)).includes('room')) break
    }
    expect(answers.at(-1)).toMatchObject({ kind: 'result', value: { text: 'room' } })
  })

  it('ignores what crosses the end of a request', async () => {
    peer.post({ kind: 'call', id: 1, name: 'probe.echo', params: { text: '' } })
    expect(await peer.next()).toMatchObject({ kind: 'result' })
    peer.post({ kind: 'cancel', id: 1 })
    peer.post({ kind: 'credit', id: 1, count: 64 })
    peer.post({ kind: 'call', id: 2, name: 'probe.echo', params: { text: 'on' } })
    expect(await peer.next()).toEqual({ kind: 'result', id: 2, value: { text: 'on' } })
  })
})
