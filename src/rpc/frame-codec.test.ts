/**
 * Messages come out of frames as they went in, and frames that are not of our making end in `invalid-message`,
 * never in anything else. WARDIAN_FUZZ_ROUNDS sets how many are tried.
 */

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { WorkbenchError } from '../contract/error.ts'
import { encodeTextFrame, FrameAssembler, framePrefixBytesMax } from './frame-codec.ts'
import { encodeMessage, messageBuffersMax } from './message-codec.ts'
import type { JsonValue, PortMessage } from './port.ts'

const numRuns = Number(process.env['WARDIAN_FUZZ_ROUNDS'] ?? 300)
/** A round takes about a millisecond on an idle machine. */
vi.setConfig({ testTimeout: 30_000 + numRuns * 10 })
const bytesMax = 100_000

const buffer = fc.uint8Array({ maxLength: 100 }).map((bytes) => bytes.slice().buffer)
/** Without -0, which JSON writes as 0, and with every kind of broken text. */
const head = fc
  .jsonValue({ stringUnit: 'binary' })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
const message: fc.Arbitrary<PortMessage> = fc.record({
  head,
  buffers: fc.array(buffer, { maxLength: messageBuffersMax }),
})

function framesOf(sent: PortMessage): (string | ArrayBuffer)[] {
  return [encodeTextFrame(encodeMessage(sent, bytesMax)), ...sent.buffers]
}

/** All messages that the frames make up; throws as the assembler does. */
function assemble(frames: readonly unknown[]): PortMessage[] {
  const assembler = new FrameAssembler(bytesMax)
  return frames.map((frame) => assembler.push(frame)).filter((made) => made !== null)
}

describe('frames', () => {
  it('carry any messages, one after the other', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        expect(assemble(messages.flatMap(framesOf))).toEqual(messages)
      }),
      { numRuns },
    )
  })

  it('hand each buffer over as it arrived, without a copy', () => {
    const sent = new ArrayBuffer(8)
    expect(assemble(['8\n{}', sent])[0]?.buffers[0]).toBe(sent)
  })

  it('hand an empty buffer over as a new one, which may be transferred', () => {
    const shared = new ArrayBuffer(0)
    expect(assemble(['0\n{}', shared])[0]?.buffers[0]).not.toBe(shared)
  })

  it('fit their prefix into its bound at its longest', () => {
    const lengths = Array.from({ length: messageBuffersMax }, () => 4_294_967_295)
    expect(lengths.join(' ').length + 1).toBeLessThanOrEqual(framePrefixBytesMax)
  })

  it('that were tampered with make up a message or are refused, nothing else', () => {
    const frame = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[0-9 ]{0,12}\n?[{}[\]",:0-9a-z]{0,20}$/),
      buffer,
      fc.constantFrom(null, undefined, 7, [], new Uint8Array(3)),
    )
    const tampered = fc
      .tuple(
        fc.array(message, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), frame), { maxLength: 4 }),
      )
      .map(([messages, changes]) => {
        const frames: unknown[] = messages.flatMap(framesOf)
        for (const [at, change] of changes) frames.splice(at % (frames.length + 1), at % 2, change)
        return frames
      })
    fc.assert(
      fc.property(tampered, (frames) => {
        const refused = refusal(() => assemble(frames))
        expect(refused === null || refused === 'invalid-message').toBe(true)
      }),
      { numRuns: numRuns * 3 },
    )
  })

  it('of two messages do not mix', () => {
    expect(refusal(() => assemble(['8\n{}', '\n{}']))).toBe('invalid-message')
    expect(refusal(() => assemble(['\n{}', new ArrayBuffer(8)]))).toBe('invalid-message')
  })

  it('of a message are bounded before its buffers arrive', () => {
    expect(refusal(() => assemble([`${bytesMax + 1}\n{}`]))).toBe('invalid-message')
    expect(refusal(() => assemble([`${bytesMax - 2}\n{}`, new ArrayBuffer(bytesMax - 2)]))).toBe(null)
    expect(refusal(() => assemble([`${bytesMax - 1}\n{}`, new ArrayBuffer(bytesMax - 1)]))).toBe(
      'invalid-message',
    )
  })
})

/** The code of the WorkbenchError that `action` throws; null when it throws none. Other errors pass through. */
function refusal(action: () => unknown): string | null {
  try {
    action()
    return null
  } catch (error) {
    if (error instanceof WorkbenchError) return error.code
    throw error
  }
}
