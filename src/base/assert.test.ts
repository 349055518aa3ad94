/** What assertions throw, and what they let pass. */

import { describe, expect, it } from 'vitest'
import { assert, AssertionError, present } from './assert.ts'

describe('assert', () => {
  it('throws its message unless the condition holds', () => {
    expect(() => assert(true, 'fine')).not.toThrow()
    expect(() => assert(false, 'the queue is empty')).toThrow(new AssertionError('the queue is empty'))
  })
})

describe('present', () => {
  it('returns what is there, also when it is falsy', () => {
    expect([present(0, 'x'), present('', 'x'), present(false, 'x')]).toEqual([0, '', false])
  })

  it('names what is missing', () => {
    expect(() => present(null, 'the port')).toThrow('the port is missing')
    expect(() => present(undefined, 'the port')).toThrow(AssertionError)
  })
})
