/** What joined ports owe to the thread they share with everything else. */

import { expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { RawPeer } from '../../test/support/raw-peer.ts'
import { createMemoryPorts } from './memory-port.ts'
import type { PortMessage } from './port.ts'

expectNoLeaks()

it('nothing arrives before the sender has finished its turn', async () => {
  const [client, host] = createMemoryPorts()
  const heads: unknown[] = []
  host.listen({ onMessage: ({ head }) => heads.push(head), onClose: () => heads.push('closed') })
  client.post({ head: 1, buffers: [] })
  client.close('done')
  expect(heads).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  expect(heads).toEqual([1, 'closed'])
})

it('two ends that answer each other for ever leave timers their turn', async () => {
  let messages = 0
  const [client, host] = createMemoryPorts()
  for (const port of [client, host]) {
    const onMessage = (message: PortMessage): void => {
      messages += 1
      port.post(message)
    }
    port.listen({ onMessage, onClose: () => undefined })
  }
  client.post({ head: 'ping', buffers: [] })
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(messages).toBeGreaterThan(0)
  client.dispose()
})

it('keeps order when many messages wait for a timer', async () => {
  const [client, host] = createMemoryPorts()
  const peer = new RawPeer(host)
  const expected = Array.from({ length: 5_000 }, (_, index) => index)
  for (const head of expected) client.post({ head, buffers: [] })
  const heads: unknown[] = []
  for (let index = 0; index < 5_000; index += 1) heads.push(await peer.next())
  expect(heads).toEqual(expected)
  client.dispose()
})

it('closes a port that nobody listens to instead of keeping messages without end', async () => {
  const [client, host] = createMemoryPorts()
  const peer = new RawPeer(client)
  for (let index = 0; index <= 1_024; index += 1) peer.post(index)
  expect(await peer.closed()).toBe('Too many messages arrived before anybody listened')
  host.dispose()
})
