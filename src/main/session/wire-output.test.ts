/** How what a client is told ends, whoever listens by then. */

import { expect, test } from 'vitest'
import { WireOutput } from './wire-output.ts'

function listener(): {
  ends: (string | null)[]
  onOutput(): void
  onRoom(): void
  onEnd(e: Error | null): void
} {
  const ends: (string | null)[] = []
  return {
    ends,
    onOutput: () => undefined,
    onRoom: () => undefined,
    onEnd: (error) => void ends.push(error?.message ?? null),
  }
}

test('an end that came before anybody listened is told to whoever does, once', async () => {
  const output = new WireOutput()
  output.takeEnd()(new Error('could not begin'))
  const heard = listener()
  output.start(heard)
  await Promise.resolve()
  output.takeEnd()(new Error('again'))
  expect(heard.ends).toEqual(['could not begin'])
})

test('an end is told to whoever listens, once', async () => {
  const output = new WireOutput()
  const heard = listener()
  output.start(heard)
  const end = output.takeEnd()
  end(null)
  output.takeEnd()(new Error('again'))
  await Promise.resolve()
  expect(heard.ends).toEqual([null])
})
