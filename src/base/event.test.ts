/** Who is called, in which order, and who no longer is. */

import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { Emitter } from './event.ts'

describe('Emitter', () => {
  expectNoLeaks()

  it('calls listeners in the order in which they came, until they go', () => {
    const emitter = new Emitter<number>()
    const heard: string[] = []
    const first = emitter.event((value) => heard.push(`first ${value}`))
    const second = emitter.event((value) => heard.push(`second ${value}`))
    emitter.fire(1)
    first.dispose()
    emitter.fire(2)
    second.dispose()
    emitter.fire(3)
    expect(heard).toEqual(['first 1', 'second 1', 'second 2'])
  })

  it('calls a function once, however often it was subscribed', () => {
    const emitter = new Emitter<null>()
    let calls = 0
    const listener = (): void => void (calls += 1)
    expect(emitter.event(listener)).toBe(emitter.event(listener))
    emitter.fire(null)
    expect(calls).toBe(1)
    emitter.dispose()
  })

  it('calls everybody before it throws the first error', () => {
    const emitter = new Emitter<null>()
    const heard: string[] = []
    emitter.event(() => {
      throw new Error('first')
    })
    emitter.event(() => {
      throw new Error('second')
    })
    emitter.event(() => heard.push('third'))
    expect(() => emitter.fire(null)).toThrow('first')
    expect(heard).toEqual(['third'])
    emitter.dispose()
  })

  it('does not call a listener whose subscription was ended by an earlier one', () => {
    const emitter = new Emitter<null>()
    emitter.event(() => later.dispose())
    const later = emitter.event(() => expect.unreachable())
    emitter.fire(null)
    emitter.dispose()
  })

  it('does not call a listener that was added meanwhile', () => {
    const emitter = new Emitter<number>()
    const heard: number[] = []
    emitter.event((value) => {
      emitter.event((inner) => heard.push(value * 10 + inner))
    })
    emitter.fire(1)
    expect(heard).toEqual([])
    emitter.dispose()
    emitter.fire(2)
    expect(heard).toEqual([])
  })
})
