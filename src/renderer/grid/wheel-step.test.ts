// Goal: wheels move whole rows, trackpads pixels.
import { expect, test } from 'vitest'
import { wheelStepPx } from './wheel-step.ts'

const sizes = { rowHeightPx: 24, pageRows: 20 }
const still = { deltaX: 0, deltaY: 0, deltaMode: 0, shiftKey: false }

test('a notch of a wheel moves three rows, whatever the system says it is worth', () => {
  for (const deltaY of [100, 120, 53]) {
    expect(wheelStepPx({ ...still, deltaY, wheelDeltaY: -120 }, sizes)).toEqual({ x: 0, y: 72 })
  }
  expect(wheelStepPx({ ...still, deltaY: -300, wheelDeltaY: 360 }, sizes)).toEqual({ x: 0, y: -216 })
})

test('a trackpad is followed to the pixel', () => {
  expect(wheelStepPx({ ...still, deltaX: 3, deltaY: 7.5, wheelDeltaY: -22.5 }, sizes)).toEqual({
    x: 3,
    y: 7.5,
  })
  expect(wheelStepPx({ ...still, deltaY: 40, wheelDeltaY: -120 }, sizes)).toEqual({ x: 0, y: 40 })
})

test('pixels that a program asks for are taken as they are', () => {
  expect(wheelStepPx({ ...still, deltaY: 1_200, wheelDeltaY: -120 }, sizes)).toEqual({ x: 0, y: 1_200 })
})

test('lines, pages and sideways wheels are understood', () => {
  expect(wheelStepPx({ ...still, deltaY: 3, deltaMode: 1 }, sizes)).toEqual({ x: 0, y: 72 })
  expect(wheelStepPx({ ...still, deltaY: -1, deltaMode: 2 }, sizes)).toEqual({ x: 0, y: -480 })
  expect(wheelStepPx({ ...still, deltaY: 100, shiftKey: true, wheelDeltaY: -120 }, sizes)).toEqual({
    x: 100,
    y: 0,
  })
})
