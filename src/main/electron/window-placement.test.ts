/** Windows come back where they were; where that display is gone they come to one that is there, wholly. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cascaded, placeWindow, rectangleSchema, smallestWindow, type Rectangle } from './window-placement.ts'

const laptop = { x: 0, y: 25, width: 1_512, height: 920 }
const wide = { x: 1_512, y: -200, width: 2_560, height: 1_400 }

const rectangles = fc.record({
  x: fc.integer({ min: -20_000, max: 20_000 }),
  y: fc.integer({ min: -20_000, max: 20_000 }),
  width: fc.integer({ min: 0, max: 20_000 }),
  height: fc.integer({ min: 0, max: 20_000 }),
})
const displays = fc.array(
  fc.record({
    x: fc.integer({ min: -8_000, max: 8_000 }),
    y: fc.integer({ min: -8_000, max: 8_000 }),
    width: fc.integer({ min: 800, max: 8_000 }),
    height: fc.integer({ min: 600, max: 8_000 }),
  }),
  { minLength: 1, maxLength: 4 },
)

function isWithin(inner: Rectangle, outer: Rectangle): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  )
}

describe('a window', () => {
  it('comes back where it was, on the display where it was', () => {
    const bounds = { x: 1_700, y: 0, width: 1_200, height: 800 }
    expect(placeWindow(bounds, [laptop, wide])).toEqual(bounds)
  })

  it('comes to the display that is left, with its size', () => {
    const placed = placeWindow({ x: 1_700, y: 0, width: 1_200, height: 800 }, [laptop])
    expect(placed).toEqual({ x: 156, y: 85, width: 1_200, height: 800 })
  })

  it('is moved in where it stuck out, and made smaller where it is larger than the display', () => {
    expect(placeWindow({ x: 900, y: 300, width: 1_200, height: 800 }, [laptop])).toEqual({
      ...{ x: 312, y: 145, width: 1_200, height: 800 },
    })
    expect(placeWindow({ x: 0, y: 0, width: 5_000, height: 5_000 }, [laptop])).toEqual(laptop)
  })

  it('is in the middle of the first display at first, and each further one a little beside', () => {
    const first = placeWindow(null, [laptop, wide])
    expect(first).toEqual({ x: 56, y: 35, width: 1_400, height: 900 })
    expect(cascaded(first)).toMatchObject({ x: 84, y: 63 })
  })

  it('is always wholly on one display and never too small, whatever was remembered', () => {
    fc.assert(
      fc.property(fc.option(rectangles), displays, (wanted, areas) => {
        const placed = placeWindow(wanted, areas)
        expect(areas.some((area) => isWithin(placed, area))).toBe(true)
        expect(placed.width).toBeGreaterThanOrEqual(smallestWindow.width)
        expect(placed.height).toBeGreaterThanOrEqual(smallestWindow.height)
        expect(rectangleSchema.parse(placed, 'placed')).toEqual(placed)
      }),
      { numRuns: 2_000 },
    )
  })

  it('stays where it is when it is placed again', () => {
    fc.assert(
      fc.property(
        fc.option(rectangles),
        fc.tuple(displays).map(([areas]) => areas.slice(0, 1)),
        (wanted, areas) => {
          const placed = placeWindow(wanted, areas)
          expect(placeWindow(placed, areas)).toEqual(placed)
        },
      ),
    )
  })
})
