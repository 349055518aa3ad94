/** Who gets the signals of a process. */

import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ProcessSignals } from './process-signals.ts'

expectNoLeaks()

it('interrupts with the first signal, ends with the second, and hears none that means nothing to it', () => {
  const source = new EventEmitter()
  let askedTwice = 0
  const signals = new ProcessSignals(source, { onAskedTwice: () => (askedTwice += 1) })
  expect(source.eventNames()).toEqual(['SIGINT', 'SIGTERM', 'SIGHUP'])
  source.emit('SIGTERM')
  expect([signals.interrupt.reason, askedTwice]).toEqual(['SIGTERM', 0])
  source.emit('SIGINT')
  expect(askedTwice).toBe(1)
})

it('gives all of them to who takes them, as long as it wants them', () => {
  const source = new EventEmitter()
  const signals = new ProcessSignals(source, { onAskedTwice: () => undefined })
  const taken: string[] = []
  const taking = signals.take((signal) => taken.push(signal))
  for (const signal of ['SIGINT', 'SIGINT', 'SIGUSR2', 'SIGHUP']) source.emit(signal)
  expect(taken).toEqual(['SIGINT', 'SIGINT', 'SIGUSR2', 'SIGHUP'])
  expect(signals.interrupt.aborted).toBe(false)
  taking.dispose()
  expect(source.listenerCount('SIGUSR2')).toBe(0)
  source.emit('SIGINT')
  expect([taken.length, signals.interrupt.reason]).toEqual([4, 'SIGINT'])
})
