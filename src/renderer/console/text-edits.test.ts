// Goal: edits replayed one after the other give the text that the editor has. Method: random texts and changes as the
// editor makes them, all relative to the text before and in any order.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdits } from '../../../test/support/memory-workbench.ts'
import { textEdits } from './text-edits.ts'

interface Change {
  readonly rangeOffset: number
  readonly rangeLength: number
  readonly text: string
}

/** Changes that do not overlap, in any order. */
const cases = fc
  .tuple(
    fc.string({ minLength: 40, maxLength: 60 }),
    fc.uniqueArray(fc.nat({ max: 39 }), { maxLength: 8 }),
    fc.string({ maxLength: 3 }),
    fc.boolean(),
  )
  .map(([text, places, inserted, isReversed]) => {
    const sorted = [...places].sort((a, b) => a - b)
    const changes = sorted.map((rangeOffset, at): Change => {
      const room = (sorted[at + 1] ?? text.length) - rangeOffset
      return { rangeOffset, rangeLength: Math.min(2, room), text: `${inserted}${at}` }
    })
    return { text, changes: isReversed ? changes.reverse() : changes }
  })

test('many changes at once become edits that give the same text', () => {
  fc.assert(
    fc.property(cases, ({ text, changes }) => {
      const wanted = [...changes]
        .sort((a, b) => b.rangeOffset - a.rangeOffset)
        .reduce(
          (before, { rangeOffset, rangeLength, text: inserted }) =>
            before.slice(0, rangeOffset) + inserted + before.slice(rangeOffset + rangeLength),
          text,
        )
      expect(applyEdits(text, textEdits(changes))).toBe(wanted)
    }),
  )
})
