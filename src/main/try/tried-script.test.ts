/** Where the statements of a script stand, what they are called, and that the loop of the host goes on meanwhile. */

import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { present } from '../../base/assert.ts'
import { ParserClient } from '../parser/parser-client.ts'
import { encodeSql } from '../session/sql-text.ts'
import { TriedScript } from './tried-script.ts'

const never = new AbortController().signal

/** How often others had their turn while `work` was done. */
async function countTurns<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly turns: number }> {
  let turns = 0
  let isWorking = true
  const watching = (async () => {
    for (; isWorking; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  })()
  const result = await work()
  isWorking = false
  await watching
  return { result, turns }
}

describe('TriedScript', () => {
  let parser = new ParserClient()
  afterEach(async () => {
    await parser.close()
    parser = new ParserClient()
  })

  const read = (sql: string): Promise<TriedScript> => TriedScript.read(encodeSql(sql), parser, never)

  it('knows the places of statements behind comments and on shared lines', async () => {
    const script = await read(`select 'é€😀'; select 2;\n-- three\n\nselect\n  nowhere;`)
    expect(
      script.statements.map(({ line, column, leadLines, title }) => [line, column, leadLines, title]),
    ).toEqual([
      ...[[1, 0, 0, `select 'é€😀'`]],
      ...[[1, 14, 0, 'select 2']],
      ...[[4, 0, 0, 'select\n  nowhere']],
    ])
    const [, second, third] = script.statements
    expect(second && (await script.placeOf(second, 8))).toEqual({ line: 1, column: 22 })
    expect(third && (await script.placeOf(third, 10))).toEqual({ line: 5, column: 3 })
    expect(second && (await script.placeOf(second, null))).toEqual({ line: 1, column: 15 })
    expect(third && (await script.placeOf(third, null))).toEqual({ line: 4, column: 1 })
    expect(new TextDecoder().decode(third && script.bytesOf(third))).toBe('select\n  nowhere')
  })

  it('knows where the words begin of a script that begins with a comment', async () => {
    const script = await read('-- why\n/* not */ select nowhere')
    const [only] = script.statements
    expect(only?.title).toBe('select nowhere')
    expect((only?.line ?? 0) + (only?.leadLines ?? 0)).toBe(2)
  })

  it('has the digest of all bytes, and reads long scripts piece by piece', async () => {
    const sql = `insert into notes values ('${'x'.repeat(1_000)}');\n`.repeat(3_000)
    const { result: script, turns } = await countTurns(() => read(sql))
    expect(script.sha256).toBe(createHash('sha256').update(sql).digest('hex'))
    expect([script.statements.length, script.statements.at(-1)?.line]).toEqual([3_000, 3_000])
    expect(turns).toBeGreaterThan(10)
  })

  it('reads a long line of many statements once, some of them in each turn of the event loop', async () => {
    const one = `select '${'é'.repeat(100)}';`
    const { result: script, turns } = await countTurns(() => read(one.repeat(10_000)))
    expect(script.statements.at(-1)).toMatchObject({ line: 1, column: 9_999 * one.length })
    expect(turns).toBeGreaterThan(40)
  })

  it('finds the place of an error behind megabytes of lines', async () => {
    const script = await read(`select 1;\ninsert into notes values\n${`('é'),\n`.repeat(400_000)}  (oops)`)
    const second = present(script.statements[1], 'the second')
    const position = 'insert into notes values\n'.length + 7 * 400_000 + 4
    expect(await script.placeOf(second, position)).toEqual({ line: 400_003, column: 4 })
    expect(await script.placeOf(second, position + 1_000)).toEqual({ line: 400_003, column: 9 })
  })

  it('refuses what is no text, and scripts that bring data', async () => {
    await expect(read('select \0')).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(read(`select '${'x'.repeat(16 << 20)}'`)).rejects.toMatchObject({ code: 'limit-exceeded' })
  })
})
