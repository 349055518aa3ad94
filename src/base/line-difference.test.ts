/** Both texts must be found whole in what is told of them. Generated texts print their seed when one fails. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineDifference } from './line-difference.ts'

const side = (difference: string, mark: '-' | '+'): string =>
  difference
    .split('\n')
    .filter((line) => line.startsWith(' ') || line.startsWith(mark))
    .map((line) => line.slice(1))
    .join('\n')

describe('lineDifference', () => {
  it('keeps what both have, and puts what is gone before what is new', () => {
    expect(lineDifference('a\nb\nc', 'a\nx\nc\nd')).toBe(' a\n-b\n+x\n c\n+d')
    expect(lineDifference('', 'a\nb')).toBe('+a\n+b')
    expect(lineDifference('a\nb', '')).toBe('-a\n-b')
    expect(lineDifference('a\nb', 'a\nb')).toBe(' a\n b')
  })

  it('has all lines of both texts, in their order', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const difference = lineDifference(before.join('\n'), after.join('\n'))
        expect([side(difference, '-'), side(difference, '+')]).toEqual([before.join('\n'), after.join('\n')])
      }),
    )
  })

  it('tells long texts that differ everywhere as one replaced by the other', () => {
    const [before, after] = ['old', 'new'].map((word) =>
      Array.from({ length: 1_100 }, (_, line) => `${word} ${line}`).join('\n'),
    )
    const lines = lineDifference(before ?? '', after ?? '').split('\n')
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([2_200, '-old 0', '+new 1099'])
  })
})
