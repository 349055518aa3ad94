/** Each end runs once, in reverse order, and what is open is counted. */

import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../test/support/leak-check.ts'
import { DisposableStore, onDispose, openDisposables } from './disposable.ts'

expectNoLeaks()

describe('onDispose', () => {
  it('counts until it ends, and ends once', () => {
    let ends = 0
    const first = onDispose('lamp', () => (ends += 1))
    const second = onDispose('lamp', () => (ends += 1))
    const other = onDispose('door', () => undefined)
    expect(openDisposables()).toEqual({ lamp: 2, door: 1 })
    first.dispose()
    first.dispose()
    expect(ends).toBe(1)
    expect(openDisposables()).toEqual({ lamp: 1, door: 1 })
    second.dispose()
    other.dispose()
    expect(openDisposables()).toEqual({})
  })

  it('may be ended from within its own end', () => {
    let ends = 0
    const loop = onDispose('loop', () => {
      ends += 1
      loop.dispose()
    })
    loop.dispose()
    expect(ends).toBe(1)
  })
})

describe('DisposableStore', () => {
  it('ends in reverse order, once', () => {
    const store = new DisposableStore()
    const ended: string[] = []
    for (const name of ['a', 'b', 'c']) store.add(onDispose('item', () => ended.push(name)))
    store.dispose()
    store.dispose()
    expect(ended).toEqual(['c', 'b', 'a'])
    expect(store.isDisposed).toBe(true)
  })

  it('ends at once what is added too late', () => {
    const store = new DisposableStore()
    store.dispose()
    let ended = false
    store.add(onDispose('late', () => (ended = true)))
    expect(ended).toBe(true)
  })

  it('does not end what was released', () => {
    const store = new DisposableStore()
    const kept = store.add(onDispose('kept', () => undefined))
    store.release(kept)
    store.dispose()
    expect(openDisposables()).toEqual({ kept: 1 })
    kept.dispose()
  })
})
