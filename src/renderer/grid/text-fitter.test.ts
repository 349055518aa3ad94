// Goal: as much of a text as fits, with as little measuring as possible. Method: a made-up font.
import { expect, test } from 'vitest'
import { TextFitter } from './text-fitter.ts'

/** Ten pixels for every ASCII character, twenty for every other code unit. */
function monospaced(text: string): number {
  let width = 0
  for (let at = 0; at < text.length; at += 1) width += text.charCodeAt(at) < 128 ? 10 : 20
  return width
}

test('plain text in a monospaced font is not measured at all', () => {
  let measured = 0
  const fitter = new TextFitter((text) => {
    measured += 1
    return monospaced(text)
  })
  const before = measured
  expect([fitter.widthOf('hello'), fitter.fit('hello', 35), fitter.fit('hello', 500)]).toEqual([50, 3, 5])
  expect(measured).toBe(before)
})

test('other text is measured, and cut where it still fits', () => {
  const fitter = new TextFitter(monospaced)
  expect(fitter.widthOf('東京')).toBe(40)
  expect(fitter.fit('ab東京', 45)).toBe(3)
  expect(fitter.fit('東京', 5)).toBe(0)
})

test('a pair of surrogates is never cut in two', () => {
  const fitter = new TextFitter(monospaced)
  expect(fitter.fit('a🙂b', 30)).toBe(1)
  expect(fitter.fit('a🙂b', 50)).toBe(3)
})

test('a proportional font is measured even for plain text', () => {
  const fitter = new TextFitter(
    (text) => text.split('i').join('').length * 10 + (text.split('i').length - 1) * 4,
  )
  expect([fitter.isEven('ii'), fitter.widthOf('ii'), fitter.fit('iiiiii', 9)]).toEqual([false, 8, 2])
})
