// Goal: the last row is reached at any height, and small steps stay small. Method: a fake browser that rounds
// scroll positions and clamps them, as Chromium does.
import { describe, expect, test } from 'vitest'
import { ScrollMapping, scrollSpanMaxPx } from './scroll-mapping.ts'

const viewPx = 600

function mapping(contentPx: number): ScrollMapping {
  const made = new ScrollMapping()
  made.resize(contentPx, viewPx)
  return made
}

/** What the surface does after the model moved. */
function apply(scroll: ScrollMapping): number {
  const native = Math.round(Math.min(scroll.nativePx, scroll.spanPx - viewPx))
  scroll.didApply(native)
  return native
}

describe('a list that a browser can lay out', () => {
  test('follows the browser pixel by pixel', () => {
    const scroll = mapping(100_000)
    expect(scroll.spanPx).toBe(100_000)
    expect(scroll.follow(1_234)).toBe(true)
    expect(scroll.topPx).toBe(1_234)
  })

  test('does not take the echo of its own position for a movement', () => {
    const scroll = mapping(100_000)
    scroll.moveTo(500.4)
    const native = apply(scroll)
    expect(scroll.follow(native)).toBe(false)
    expect(scroll.topPx).toBe(500.4)
  })
})

describe.each([1_000_000, 10_000_000, 1_000_000_000])('a list of %i rows', (rowCount) => {
  const rowHeightPx = 28
  const contentPx = rowCount * rowHeightPx

  test('spans no more than the browser can scroll exactly', () => {
    expect(mapping(contentPx).spanPx).toBe(scrollSpanMaxPx)
  })

  test('shows the last row when the thumb is at its end, and the first when it is back', () => {
    const scroll = mapping(contentPx)
    scroll.follow(scroll.spanPx - viewPx)
    expect(scroll.topPx).toBe(contentPx - viewPx)
    scroll.follow(0)
    expect(scroll.topPx).toBe(0)
  })

  test('moves pixel by pixel in small steps, anywhere', () => {
    const scroll = mapping(contentPx)
    scroll.moveTo(contentPx / 2)
    let native = apply(scroll)
    for (let step = 1; step <= 20; step += 1) {
      native += 40
      scroll.follow(native)
      expect(scroll.topPx).toBe(contentPx / 2 + step * 40)
    }
  })

  test('is at its ends when the browser is, however small the step was', () => {
    const scroll = mapping(contentPx)
    scroll.moveTo(scroll.topMaxPx - 10_000)
    apply(scroll)
    scroll.follow(scroll.spanPx - viewPx)
    expect(scroll.topPx).toBe(scroll.topMaxPx)
    scroll.moveTo(10_000)
    apply(scroll)
    scroll.follow(0)
    expect(scroll.topPx).toBe(0)
  })

  test('moves in proportion when the thumb is dragged', () => {
    const scroll = mapping(contentPx)
    scroll.follow((scrollSpanMaxPx - viewPx) / 4)
    expect(scroll.topPx / scroll.topMaxPx).toBeCloseTo(0.25, 6)
  })
})

test('rows that are appended do not move the content', () => {
  const scroll = mapping(1_000_000)
  scroll.moveTo(700_000)
  for (const contentPx of [2_000_000, 30_000_000, 400_000_000]) {
    scroll.resize(contentPx, viewPx)
    apply(scroll)
    expect(scroll.topPx).toBe(700_000)
  }
})

test('content that ends before the position moves it to the new end', () => {
  const scroll = mapping(1_000_000)
  scroll.moveTo(700_000)
  scroll.resize(1_000, viewPx)
  expect(scroll.topPx).toBe(400)
  scroll.resize(100, viewPx)
  expect(scroll.topPx).toBe(0)
})
