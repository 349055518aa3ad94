/** The lexer is held to Postgres's own scanner: both must see the same semicolons in any text. */
import fc from 'fast-check'
import { loadModule, scanSync, type ScanToken } from 'libpg-query'
import { beforeAll, describe, expect, it } from 'vitest'
import { SqlLexer } from './sql-lexer.ts'

beforeAll(loadModule)

const runs = Number(process.env['WARDIAN_PROPERTY_RUNS'] ?? 400)

function semicolons(text: string): number[] {
  const lexer = new SqlLexer(text)
  const found: number[] = []
  while (lexer.next()) if (lexer.kind === 'other' && text[lexer.start] === ';') found.push(lexer.start)
  return found
}

/**
 * Null where the scanner refuses the text, and where libpg-query's differs from that of Postgres: it was made to
 * return comments, so a string does not go on behind one. Texts are ASCII here, so that its byte offsets fit.
 */
function scannedSemicolons(text: string): number[] | null {
  let tokens: readonly ScanToken[]
  try {
    tokens = scanSync(text).tokens
  } catch {
    return null
  }
  const names = tokens.map((token) => token.tokenName).join(' ')
  if (names.includes('SCONST SQL_COMMENT')) return null
  return tokens.filter((token) => token.tokenName === 'ASCII_59').map((token) => token.start)
}

function tokens(text: string): [string, string][] {
  const lexer = new SqlLexer(text)
  const found: [string, string][] = []
  while (lexer.next()) found.push([lexer.kind, text.slice(lexer.start, lexer.position)])
  return found.filter(([kind]) => kind !== 'space')
}

describe('SqlLexer', () => {
  it('sees the semicolons that the scanner of Postgres sees, in any soup of tokens', () => {
    const piece = fc.constantFrom(
      ...["'", "''", '"', "e'", "E'", "U&'", 'u&"', "n'", "x'", '\\', "\\'", ';', ';;', '$$', '$a$', '$1'],
      ...[
        '$',
        '--',
        '\n',
        '\r',
        ' ',
        '\t',
        '/*',
        '*/',
        '/',
        '*',
        '-',
        '(',
        ')',
        'a',
        '1',
        'ae',
        '_',
        '.',
        '::',
      ],
      ...["'a'\n'b'", "e'a' -- c\n '\\''", 'begin', 'end', '@', '#'],
    )
    let compared = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const text = pieces.join('')
        const expected = scannedSemicolons(text)
        if (expected === null) return
        compared++
        expect(semicolons(text)).toEqual(expected)
      }),
      { numRuns: runs },
    )
    expect(compared).toBeGreaterThan(runs / 10)
  })

  it('covers the whole text without gaps, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const lexer = new SqlLexer(text)
        let end = 0
        while (lexer.next()) {
          if (lexer.start !== end || lexer.position <= end) throw new Error(`a gap at ${end}`)
          end = lexer.position
        }
        expect(end).toBe(text.length)
      }),
      { numRuns: runs },
    )
  })

  it('takes an unfinished quotation or comment up to the end of the text', () => {
    for (const text of ["'a;b", '"a;b', "e'a\\';b", '$x$a;$y$', '/* /* */ ;', "U&'a;", "e'a'\n'b;\\'"])
      expect(tokens(text)).toHaveLength(1)
  })

  it('keeps the escapes of a string that goes on in the next line', () => {
    expect(tokens("e'a'\n'\\';' ;")).toEqual([
      ['quoted', "e'a'\n'\\';'"],
      ['other', ';'],
    ])
    expect(tokens("e'a' -- c\n '\\';'")).toHaveLength(1)
    expect(tokens("'a'\n'\\';")).toEqual([
      ['quoted', "'a'"],
      ['quoted', "'\\'"],
      ['other', ';'],
    ])
  })

  it('does not take a dollar sign within a word, or a parameter, for a quotation', () => {
    expect(tokens('a$$ ; $1$$;$$')).toEqual([
      ['word', 'a$$'],
      ['other', ';'],
      ['other', '$'],
      ['number', '1'],
      ['quoted', '$$;$$'],
    ])
  })
})
