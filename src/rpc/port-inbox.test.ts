/** Order, the one listener, and an end that is told exactly once, whenever it comes. */

import { expect, it } from 'vitest'
import { AssertionError } from '../base/assert.ts'
import { PortInbox } from './port-inbox.ts'
import type { PortListener, PortMessage } from './port.ts'

const message = (head: number): PortMessage => ({ head, buffers: [] })

/** Notes what it is told, and does `atMessage` after each message. */
function listenerOf(told: unknown[], atMessage: () => void = () => undefined): PortListener {
  return {
    onMessage: ({ head }) => {
      told.push(head)
      atMessage()
    },
    onClose: (reason) => told.push(reason),
  }
}

it('delivers what came before the listener, then what comes', () => {
  const inbox = new PortInbox()
  const told: unknown[] = []
  inbox.deliver(message(1))
  inbox.deliver(message(2))
  inbox.listen(listenerOf(told))
  inbox.deliver(message(3))
  expect(told).toEqual([1, 2, 3])
})

it('delivers what came before the end, and then tells of the end, once', () => {
  const inbox = new PortInbox()
  const told: unknown[] = []
  inbox.deliver(message(1))
  expect([inbox.close('gone'), inbox.close('gone again'), inbox.isClosed]).toEqual([true, false, true])
  inbox.deliver(message(2))
  inbox.listen(listenerOf(told))
  expect(told).toEqual([1, 'gone'])
})

it('tells nothing more to a listener that closes while it catches up', () => {
  const inbox = new PortInbox()
  const told: unknown[] = []
  inbox.deliver(message(1))
  inbox.deliver(message(2))
  inbox.listen(listenerOf(told, () => void inbox.close('enough')))
  expect(told).toEqual([1, 'enough'])
})

it('has one listener', () => {
  const inbox = new PortInbox()
  inbox.listen(listenerOf([]))
  expect(() => inbox.listen(listenerOf([]))).toThrow(AssertionError)
})

it('says when it is full', () => {
  const inbox = new PortInbox()
  const fitted = Array.from({ length: 1_025 }, (_, head) => inbox.deliver(message(head)))
  expect([fitted.indexOf(false), fitted.at(-1)]).toEqual([1_024, false])
})
