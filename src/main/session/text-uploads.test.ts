/** Texts that come in parts. */
import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { TestClock } from '../../base/clock.ts'
import { textPartBytesMax } from '../../contract/limits.ts'
import { TextUploads } from './text-uploads.ts'

describe('TextUploads', () => {
  expectNoLeaks()
  let clock = new TestClock()
  let uploads = new TextUploads(clock)
  afterEach(() => {
    uploads.dispose()
    clock = new TestClock()
    uploads = new TextUploads(clock)
  })

  const part = (text: string): Uint8Array => new TextEncoder().encode(text)
  function add(index: number, bytes: Uint8Array, { isLast = false, id = 'text' } = {}): void {
    uploads.add(id, { index, isLast, bytes })
  }

  it('joins parts, cut anywhere, and counts their UTF-16 code units', async () => {
    const bytes = part('select \u{1f600}é;')
    for (let at = 0; at < bytes.length; at++)
      add(at, bytes.subarray(at, at + 1), { isLast: at === bytes.length - 1 })
    const text = await uploads.takeSql('text')
    expect(new TextDecoder().decode(text.bytes)).toBe('select \u{1f600}é;')
    expect([text.length, text.problem]).toEqual(['select \u{1f600}é;'.length, null])
    expect(text.bytes.buffer.byteLength).toBe(bytes.length)
  })

  it('hands a text over once, and only when it is complete', async () => {
    add(0, part('a'))
    await expect(uploads.takeSql('text')).rejects.toMatchObject({ code: 'not-found' })
    add(1, part('b'), { isLast: true })
    expect(await uploads.takeBytes('text')).toEqual(part('ab'))
    await expect(uploads.takeBytes('text')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('tells what Postgres cannot be given: NUL, and bytes that are no text, also at the very end', async () => {
    const problems = []
    for (const bytes of [
      [0x61, 0],
      [0x61, 0xff],
      [0xed, 0xa0, 0x80],
      [0x61, 0xc3],
      [0xef, 0xbb, 0xbf, 0x61],
    ]) {
      add(0, new Uint8Array(bytes.slice(0, 1)))
      add(1, new Uint8Array(bytes.slice(1)), { isLast: true })
      problems.push((await uploads.takeSql('text')).problem)
    }
    expect(problems).toEqual(['nul', 'not-text', 'not-text', 'not-text', null])
  })

  it('refuses a part that is not the next one, and forgets the text', () => {
    add(0, part('a'))
    expect(() => add(2, part('c'))).toThrow(expect.objectContaining({ code: 'conflict' }))
    expect(() => add(1, part('b'))).toThrow(expect.objectContaining({ code: 'conflict' }))
    add(0, part('a'), { isLast: true })
    expect(() => add(1, part('b'))).toThrow(expect.objectContaining({ code: 'conflict' }))
  })

  it('refuses a text over 128 MB, and takes one of exactly that', async () => {
    const bytes = new Uint8Array(textPartBytesMax)
    for (let index = 0; index < 256; index++) add(index, bytes, { isLast: index === 255 })
    expect((await uploads.takeBytes('text')).length).toBe(128 << 20)
    for (let index = 0; index < 256; index++) add(index, bytes)
    expect(() => add(256, bytes.subarray(0, 1))).toThrow(/128 MB/)
  })

  it('refuses more unused texts than a client may leave', () => {
    const bytes = new Uint8Array(textPartBytesMax)
    for (let index = 0; index < 384; index++)
      add(index % 128, bytes, { id: `text ${Math.floor(index / 128)}` })
    expect(() => add(0, bytes, { id: 'one more' })).toThrow(
      expect.objectContaining({ code: 'limit-exceeded' }),
    )
    expect(() => add(0, new Uint8Array(textPartBytesMax + 1), { id: 'x' })).toThrow(/128 MB/)
  })

  it('forgets a text that nobody goes on with', async () => {
    add(0, part('a'))
    clock.advance(59_000)
    add(1, part('b'), { isLast: true })
    clock.advance(59_000)
    expect((await uploads.takeBytes('text')).length).toBe(2)
    add(0, part('a'), { isLast: true })
    clock.advance(60_000)
    await expect(uploads.takeBytes('text')).rejects.toThrow(/send it again/)
  })
})
