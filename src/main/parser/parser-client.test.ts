/** The parser in its real worker. */
import { afterEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/support/leak-check.ts'
import { ParserClient } from './parser-client.ts'

const encoder = new TextEncoder()

describe('ParserClient', () => {
  expectNoLeaks()
  let parser = new ParserClient()
  afterEach(async () => {
    await parser.close()
    parser = new ParserClient()
  })

  it('answers where the statements lie in the text that it gives back', async () => {
    const text = "select 'é😀';\n select 2 ;"
    const { statements, text: bytes } = await parser.split(encoder.encode(text))
    const decoder = new TextDecoder()
    expect(decoder.decode(bytes)).toBe(text)
    const cut = statements.map((s) => decoder.decode(bytes.subarray(s.byteStart, s.byteStart + s.byteLength)))
    expect(cut).toEqual(["select 'é😀'", 'select 2'])
    expect(statements.map((s) => text.slice(s.start, s.start + s.length))).toEqual(cut)
  })

  it('refuses bytes that are not UTF-8, and scripts with too many statements', async () => {
    await expect(parser.split(new Uint8Array([0x3b, 0xff]))).rejects.toMatchObject({
      code: 'invalid-argument',
    })
    const script = parser.split(encoder.encode('select 1;'.repeat(10_001)))
    await expect(script).rejects.toMatchObject({
      code: 'limit-exceeded',
      message: expect.stringContaining('10001'),
    })
  })

  it('splits a text of 50 MB', async () => {
    const statement = `insert into t values ('${'x'.repeat(1_000_000)}');\n`
    const { statements, text } = await parser.split(encoder.encode(statement.repeat(50)))
    expect([statements.length, text.length]).toEqual([50, statement.length * 50])
  })

  it('rejects a question that is cancelled, and answers the next one', async () => {
    const controller = new AbortController()
    const question = parser.split(encoder.encode('select 1'), controller.signal)
    controller.abort()
    await expect(question).rejects.toMatchObject({ code: 'cancelled' })
    expect((await parser.split(encoder.encode('select 1'))).statements).toHaveLength(1)
  })

  it('refuses questions after it was closed', async () => {
    await parser.split(encoder.encode('select 1'))
    await parser.close()
    await expect(parser.split(encoder.encode('select 1'))).rejects.toMatchObject({ code: 'closed' })
  })
})
