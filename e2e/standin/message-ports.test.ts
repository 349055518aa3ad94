/** Goal: ports behave alike whether their other end is here or in another place. Method: two tunnels, end to end. */

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openChannel, PortTunnel, type PortMessage, type StandInPort } from './message-ports.ts'

/** Two tunnels that are each other's other side. */
function connected(): readonly [PortTunnel, PortTunnel] {
  const near: PortTunnel = new PortTunnel('near', (message: PortMessage) =>
    far.receive(structuredClone(message)),
  )
  const far: PortTunnel = new PortTunnel('far', (message: PortMessage) =>
    near.receive(structuredClone(message)),
  )
  return [near, far]
}

async function nextMessage(port: StandInPort): Promise<{ data: unknown; ports: readonly StandInPort[] }> {
  const [event] = (await once(port, 'message')) as [{ data: unknown; ports: readonly StandInPort[] }]
  return event
}

test('what is posted before the other end listens is kept for it, in order', async () => {
  const { port1, port2 } = openChannel()
  port1.postMessage('first')
  const heard: unknown[] = []
  port2.on('message', ({ data }: { readonly data: unknown }) => heard.push(data))
  port2.start()
  port1.postMessage('second')
  await once(port2, 'message')
  await once(port2, 'message')
  expect(heard).toEqual(['first', 'second'])
})

test('a port that was sent away is heard on the other side, with what was posted to it before', async () => {
  const [near, far] = connected()
  const { port1, port2 } = openChannel()
  port1.postMessage('early')
  const remote = far.take(near.give(port2))
  remote.start()
  expect((await nextMessage(remote)).data).toBe('early')
  port1.start()
  remote.postMessage('back')
  expect((await nextMessage(port1)).data).toBe('back')
})

test('ports travel through ports', async () => {
  const [near, far] = connected()
  const outer = openChannel()
  const inner = openChannel()
  const remote = far.take(near.give(outer.port2))
  remote.start()
  outer.port1.postMessage('take it', [inner.port2])
  const { ports } = await nextMessage(remote)
  ports[0]?.postMessage('from far')
  inner.port1.start()
  expect((await nextMessage(inner.port1)).data).toBe('from far')
})

test('an end that closes, and a side that is gone, close the other end', async () => {
  const [near, far] = connected()
  const one = openChannel()
  const other = openChannel()
  const remote = far.take(near.give(one.port2))
  far.take(near.give(other.port2))
  const closed: string[] = []
  one.port1.on('close', () => closed.push('one'))
  other.port1.on('close', () => closed.push('other'))
  remote.close()
  await once(one.port1, 'close')
  near.drop()
  await once(other.port1, 'close')
  expect(closed).toEqual(['one', 'other'])
})

test('a port cannot be given away twice', () => {
  const [near] = connected()
  const { port2 } = openChannel()
  near.give(port2)
  expect(() => near.give(port2)).toThrow('twice')
})
