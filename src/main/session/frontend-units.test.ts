/** When what a client has sent can be run, however its bytes are cut. */

import fc from 'fast-check'
import { serialize } from 'pg-protocol'
import { describe, expect, test } from 'vitest'
import { FrontendUnits, statementIn } from './frontend-units.ts'

const seed = Number(process.env['WARDIAN_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const pipeline = [serialize.parse({ text: 'select 1' }), serialize.bind({}), serialize.execute({})]

describe('what a client has sent', () => {
  test('is held until the backend would answer', () => {
    const units = new FrontendUnits()
    for (const message of pipeline) units.push(message)
    expect(units.isRunnable).toBe(false)
    units.push(serialize.sync())
    expect([units.isRunnable, units.readyCount]).toEqual([true, 1])
    expect(Buffer.concat(units.take())).toEqual(Buffer.concat([...pipeline, serialize.sync()]))
    expect([units.isRunnable, units.heldBytes]).toEqual([false, 0])
  })

  test('is the same however its bytes are cut', () => {
    const whole = Buffer.concat([
      ...pipeline,
      serialize.sync(),
      serialize.query('select 2'),
      pipeline[0] ?? Buffer.of(),
    ])
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
        const units = new FrontendUnits()
        const ends = [...cuts, whole.length].sort((a, b) => a - b)
        ends.forEach((end, index) => units.push(whole.subarray(ends[index - 1] ?? 0, end)))
        expect([units.isRunnable, units.readyCount]).toEqual([true, 2])
        expect(Buffer.concat(units.take())).toEqual(whole)
      }),
    )
  })

  test('is understood from whole messages as it is byte by byte, whatever the bytes', () => {
    const length = fc.oneof(
      fc.constantFrom(0, 3, 4, 5, 2 ** 28, 2 ** 31, 2 ** 32 - 1),
      fc.integer({ min: 4, max: 30 }),
    )
    const message = fc
      .tuple(
        fc.constantFrom(...Array.from('QPBDECHSFdcfpX')),
        length,
        fc.uint8Array({ minLength: 0, maxLength: 26 }),
      )
      .map(([type, lengthWord, body]) => {
        const head = Buffer.alloc(5)
        head.write(type, 'latin1')
        head.writeUInt32BE(lengthWord, 1)
        return Buffer.concat([head, body])
      })
    const state = (units: FrontendUnits): unknown => {
      const { isRunnable, isUnfinished, readyCount, hasStatement, heldBytes } = units
      return { isRunnable, isUnfinished, readyCount, hasStatement, heldBytes }
    }
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
        const bytes = Buffer.concat(messages)
        const [whole, single] = [new FrontendUnits(), new FrontendUnits()]
        whole.push(bytes)
        for (const byte of bytes) single.push(Uint8Array.of(byte))
        expect(state(whole)).toEqual(state(single))
        // Where the next message begins is part of it.
        for (const units of [whole, single]) units.push(serialize.query('select 1'))
        expect(state(whole)).toEqual(state(single))
      }),
      { seed },
    )
  })

  test('is put back in front of what has come since, of which a part may be missing', () => {
    const units = new FrontendUnits()
    const [first, second] = [serialize.query('select 1'), serialize.query('select 2')]
    units.push(first)
    const putBack = units.setAside()
    expect([units.isRunnable, units.heldBytes, units.hasStatement]).toEqual([false, 0, false])
    units.push(second.subarray(0, 3))
    putBack()
    expect([units.isRunnable, units.readyCount, units.hasStatement]).toEqual([true, 1, true])
    units.push(second.subarray(3))
    expect([units.readyCount, units.heldBytes]).toEqual([2, first.length + second.length])
    expect(Buffer.concat(units.take())).toEqual(Buffer.concat([first, second]))
  })

  test('tells the text of its first statement', () => {
    const told = (...messages: Uint8Array[]): string | null => {
      const units = new FrontendUnits()
      for (const message of messages) units.push(message)
      const { hasStatement } = units
      const statement = statementIn(units.take())
      expect(statement === null || hasStatement).toBe(true)
      return statement
    }
    expect(told(serialize.query('select 1'))).toBe('select 1')
    expect(told(serialize.close({ type: 'S' }), serialize.parse({ name: 'n', text: 'select 2' }))).toBe(
      'select 2',
    )
    expect(told(serialize.bind({}), serialize.execute({}), serialize.sync())).toBe(null)
    expect(told(serialize.query('select 3').subarray(0, 8))).toBe(null)
    expect(told()).toBe(null)
  })

  test('goes on at once when it cannot be a message, or is long', () => {
    const broken = new FrontendUnits()
    broken.push(Buffer.from([0x50, 0, 0, 0, 1]))
    expect(broken.isRunnable).toBe(true)
    const endless = new FrontendUnits()
    endless.push(Buffer.from('QX\0\0\0'))
    expect(endless.isRunnable).toBe(true)
    const long = new FrontendUnits()
    long.push(serialize.parse({ text: 'x'.repeat(2 << 20) }).subarray(0, 1.5 * (1 << 20)))
    expect(long.isRunnable).toBe(true)
  })
})
