/**
 * Goal: a script is read the same however it is cut into pieces, and each statement knows its line. Method: scripts
 * like those of pg_dump, cut at every byte and at random ones.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readScript } from './script-items.ts'

/** Items with neighbouring data joined. */
async function items(pieces: readonly Uint8Array[]): Promise<string[]> {
  const result: string[] = []
  let data = ''
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* pieces
  }
  for await (const item of readScript(source())) {
    if (item.kind === 'data') data += Buffer.from(item.bytes).toString('latin1')
    else if (item.kind === 'data-end') {
      result.push(`data ${JSON.stringify(data)}`)
      data = ''
    } else result.push(`${item.kind} ${item.line} ${item.text}`)
  }
  expect(data).toBe('')
  return result
}

const script = Buffer.from(`-- PostgreSQL database dump
\\restrict abc

SET x = 'a;b';;
/* a /* nested; */ comment; */ CREATE FUNCTION f() RETURNS text AS $fn$ begin; "end; $fn$ LANGUAGE plpgsql;
CREATE FUNCTION g() BEGIN ATOMIC SELECT 1; SELECT 2; END;
COPY public.t (a, "from") FROM stdin;
1\tline\\nbreak
\\N\t\\.
\t \\.\r
ä;'$$
\\.


COPY t FROM STDIN WITH (FORMAT csv);
\\.
COPY t TO stdout;
SELECT E'it\\'s; ' 'x';
\\unrestrict abc
SELECT 'last'`)

const expected = [
  'backslash 2 \\restrict abc',
  "statement 4 SET x = 'a;b'",
  'statement 5 CREATE FUNCTION f() RETURNS text AS $fn$ begin; "end; $fn$ LANGUAGE plpgsql',
  'statement 6 CREATE FUNCTION g() BEGIN ATOMIC SELECT 1; SELECT 2; END',
  'copy 7 COPY public.t (a, "from") FROM stdin',
  `data ${JSON.stringify(`1\tline\\nbreak\n\\N\t\\.\n\t \\.\r\n${Buffer.from('ä').toString('latin1')};'$$\n`)}`,
  'copy 15 COPY t FROM STDIN WITH (FORMAT csv)',
  'data ""',
  'statement 17 COPY t TO stdout',
  "statement 18 SELECT E'it\\'s; ' 'x'",
  'backslash 19 \\unrestrict abc',
  "statement 20 SELECT 'last'",
]

describe('readScript', () => {
  it('reads statements, the data of COPY and lines of psql, with their lines', async () => {
    expect(await items([script])).toEqual(expected)
  })

  it('reads the same when every byte comes by itself', async () => {
    expect(await items(Array.from(script, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('reads the same wherever it is cut', async () => {
    const cuts = fc.uniqueArray(fc.nat(script.length), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const places = [0, ...at.sort((a, b) => a - b), script.length]
        const pieces = places.slice(1).map((end, index) => script.subarray(places[index], end))
        expect(await items(pieces)).toEqual(expected)
      }),
    )
  })

  it.each([
    ['COPY t FROM stdin;\n', ['copy 1 COPY t FROM stdin', 'data ""']],
    ['COPY t FROM stdin;\n\\.', ['copy 1 COPY t FROM stdin', 'data ""']],
    ['COPY t FROM stdin;\nx\n\\.', ['copy 1 COPY t FROM stdin', 'data "x\\n"']],
    ['COPY t FROM stdin;\r\nx\r\n\\.\r\nS;', ['copy 1 COPY t FROM stdin', 'data "x\\r\\n"', 'statement 4 S']],
    ['COPY t FROM stdin;\nxy', ['copy 1 COPY t FROM stdin', 'data "xy"']],
    ['', []],
    ['  -- nothing\n;;', []],
    ['\\q', ['backslash 1 \\q']],
  ])('reads %j to its end', async (text, wanted) => {
    expect(await items([Buffer.from(text)])).toEqual(wanted)
  })

  it('reads the data of a COPY that comes behind a long statement, in one piece or in some', async () => {
    const long = `INSERT INTO t VALUES\n${"('a', $$;$$, 1),\n".repeat(40_000)}('b', ';', 2)`
    const text = Buffer.from(`${long};\nCOPY t FROM stdin;\n1\n\\.\nSELECT 1;\nCOPY u FROM stdin;\n2\n`)
    const wanted = [
      `statement 1 ${long}`,
      'copy 40003 COPY t FROM stdin',
      'data "1\\n"',
      'statement 40006 SELECT 1',
      'copy 40007 COPY u FROM stdin',
      'data "2\\n"',
    ]
    for (const size of [text.length, 512 << 10, 300_001]) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.subarray(index * size, (index + 1) * size),
      )
      expect(await items(pieces)).toEqual(wanted)
    }
  })

  it('lets others have their turns within a long statement, and looks at no part of it twice', async () => {
    const text = Buffer.from(`SELECT ${"E'\\';', $x$;$x$, ".repeat(300_000)} 1;\nSELECT 2;`)
    let turnCount = 0
    let isReading = true
    const turn = (): void => {
      turnCount += 1
      if (isReading) setImmediate(turn)
    }
    setImmediate(turn)
    const read = await items(Array.from({ length: 40 }, (_, at) => text.subarray(at << 17, (at + 1) << 17)))
    isReading = false
    expect(read.map((item) => item.slice(0, 20))).toEqual(['statement 1 SELECT E', 'statement 2 SELECT 2'])
    // 1.2 million tokens and more, of which one look takes 50,000 at once.
    expect(turnCount).toBeGreaterThan(20)
  })

  it('refuses a statement without an end', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      const piece = Buffer.alloc(1 << 20, 'x')
      yield Buffer.from("SELECT 'begin;\n")
      for (let count = 0; count < 200; count++) yield piece
    }
    const reading = (async () => {
      for await (const item of readScript(endless())) expect(item).toBeNull()
    })()
    await expect(reading).rejects.toThrow(/^line 1: a statement of a script may have at most 128 MB/)
  })
})
