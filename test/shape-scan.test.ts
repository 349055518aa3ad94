/** The shapes of generated statements, compared with what Postgres's own parser calls them. */
import fc from 'fast-check'
import { fingerprintSync, loadModule } from 'libpg-query'
import { beforeAll, describe, expect, it } from 'vitest'
import { ShapeScan } from '../src/main/statistics/shape-scan.ts'
import { ShapeTemplates } from '../src/main/statistics/shape-templates.ts'

const runs = Number(process.env['SHAPE_RUNS'] ?? 300)
/** The same each time, unless more is asked for: then another each time, which a failure prints. */
const seed = process.env['SHAPE_RUNS'] === undefined ? { seed: 20_261_121 } : {}
const encoder = new TextEncoder()
const scan = new ShapeScan()
const keyOf = (sql: string): number => scan.keyOf(encoder.encode(sql))

function fingerprintOf(sql: string): string | null {
  try {
    // It answers some of its errors instead of a fingerprint.
    const answer = fingerprintSync(sql)
    return /^[0-9a-f]{16}$/.test(answer) ? answer : null
  } catch {
    return null
  }
}

const literals = [
  ...['1', '-5', '- 7', '42.5', '.5', '1e10', '1e-5', '0x1F', '1_000', '12345678901234567890'],
  ...[
    `'a'`,
    `'it''s'`,
    `''`,
    `E'a\\'b'`,
    `e'\\\\'`,
    `U&'d!0061' UESCAPE '!'`,
    `U&'\\0041'`,
    `N'n'`,
    `B'01'`,
    `X'1F'`,
  ],
  ...[
    '$$x$$',
    `$tag$ it's $$ $tag$`,
    `'a'\n  'b'`,
    `E'a'\n'\\''`,
    `'a' -- so\n 'b'`,
    `'-- no'`,
    `'/* no */'`,
  ],
  ...['true', 'null', '$1', '$2', `date '2020-01-01'`, `interval '1 day'`, `interval '1' hour`, `'é😀'`],
]
const gaps = [
  ' ',
  '  ',
  '\n',
  '\t',
  ' /* a */ ',
  ' /* a /* b */ c */ ',
  ' -- line\n',
  '/**/',
  ' --\r\n ',
  " /* ' */ ",
]

const literal = fc.constantFrom(...literals)
const gap = fc.oneof({ weight: 6, arbitrary: fc.constant(' ') }, fc.constantFrom(...gaps))
const name = fc.constantFrom(
  'a',
  'b',
  'T',
  't1',
  '"A"',
  '"a"',
  '"a""b"',
  'é',
  'U&"\\0061"',
  `U&"d!0061t" UESCAPE '!'`,
  'a$1',
  'in_',
  'float8',
)
const type = fc.constantFrom(
  ...[
    'int',
    'float',
    'float(10)',
    'float(30)',
    'float (53)',
    'varchar(3)',
    'varchar(9)',
    'numeric(10,2)',
    'text',
  ],
  ...['int[3]', 'int[4]', 'int[]', 'int array[3]', 'bit(3)', 'time(3)', 'interval(3)', '"float"', 'float8'],
)

/** Pieces of an expression, with a mark where white space may stand. */
const expression: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    literal,
    name,
    fc.tuple(tie('value'), type).map(([value, to]) => `(${value})~::~${to}`),
    fc.tuple(tie('value'), type).map(([value, to]) => `cast(~${value} as ${to})`),
    fc
      .tuple(
        tie('value'),
        fc.constantFrom('+', '-', '*', '/', '||', '<>', '@>', '->', '- -', '|/'),
        tie('value'),
      )
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    fc
      .tuple(name, fc.array(literal, { minLength: 1, maxLength: 4 }))
      .map(([it, list]) => `${it} in~(${list.join('~,~')})`),
    fc
      .tuple(name, fc.array(tie('value'), { minLength: 1, maxLength: 3 }))
      .map(([it, list]) => `${it} not in (~${list.join(',~')})`),
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }).map((list) => `array[${list.join(',~')}]`),
    fc.tuple(name, fc.constantFrom('1', '2', '1:2', '$1')).map(([it, index]) => `${it}[~${index}~]`),
    fc
      .tuple(literal, fc.array(literal, { minLength: 1, maxLength: 2 }))
      .map(([it, list]) => `position(${it} in (${list.join(',')}))`),
    fc
      .tuple(name, fc.array(tie('value'), { maxLength: 3 }))
      .map(([it, list]) => `f_${it === 'a' ? 1 : 2}(${list.join(',')})`),
    tie('value').map((value) => `case when ${value} is null then ${value} else 1 end`),
  ),
})).value

const statement = fc.oneof(
  fc
    .tuple(expression, name, expression)
    .map(([what, from, where]) => `select~ ${what} from ${from}~ where ${where}`),
  fc.tuple(expression, literal).map(([what, limit]) => `SELECT ${what} limit ${limit}`),
  fc
    .tuple(name, fc.array(fc.array(literal, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }))
    .map(
      ([into, rows]) => `insert into ${into} values ${rows.map((row) => `(${row.join(',~')})`).join(',~ ')}`,
    ),
  fc.tuple(name, name, expression).map(([it, column, value]) => `update ${it} set ${column} = ~${value}`),
  fc.tuple(name, expression).map(([it, value]) => `delete from ${it} where ${value}`),
  fc.tuple(name, literal).map(([it, value]) => `with ${it} as (select ${value}) select 1`),
  fc
    .tuple(
      fc.constantFrom(
        'savepoint ',
        'release ',
        'release savepoint ',
        'rollback to ',
        'rollback to savepoint ',
      ),
      name,
    )
    .map(([what, it]) => what + it),
  fc.constantFrom('begin', 'commit', 'rollback', 'rollback and chain'),
  fc.tuple(name, literal).map(([it, value]) => `set ${it} = ${value}`),
  fc.constantFrom('1', '2', '3').map((count) => `fetch ${count} from c`),
  fc.constantFrom('x', 'y').map((text) => `comment on table t is '${text}'`),
  fc.constantFrom('x', 'y').map((text) => `alter role a password '${text}'`),
  fc.constantFrom('1', '2').map((value) => `create table t (a float(${value}), b int[${value}])`),
  fc.tuple(name, literal).map(([it, value]) => `execute ${it}(${value})`),
  fc.tuple(literal, literal).map(([one, other]) => `select ${one}; set a = ${other}`),
)

/** Writes white space where it may stand; the number says which. */
const spaced = fc.tuple(statement, fc.array(gap, { minLength: 12, maxLength: 12 })).map(([text, spaces]) => {
  let at = 0
  return text.replaceAll('~', () => {
    const space = spaces[at++ % spaces.length] ?? ''
    return at % 2 === 0 ? space : ''
  })
})

describe('ShapeScan', { timeout: 60_000 + runs * 50 }, () => {
  beforeAll(loadModule)

  it('gives one shape to texts that have one fingerprint only', () => {
    const fingerprints = new Map<number, { fingerprint: string; text: string }>()
    let parsed = 0
    const number = fc.constantFrom('3', '4', '10', '30')
    fc.assert(
      fc.property(spaced, number, (text, digits) => {
        const twins = [text, text.replaceAll(/\d+/g, digits), text.replaceAll(`'!'`, `'#'`)]
        for (const twin of twins) {
          const fingerprint = fingerprintOf(twin)
          if (fingerprint === null) continue
          parsed += 1
          const key = keyOf(twin)
          const known = fingerprints.get(key) ?? { fingerprint, text: twin }
          fingerprints.set(key, known)
          expect([fingerprint, twin], known.text).toEqual([known.fingerprint, twin])
        }
      }),
      { numRuns: runs, ...seed },
    )
    // The generator must not make texts that say nothing.
    expect(parsed).toBeGreaterThan(runs)
    expect(fingerprints.size).toBeLessThan(parsed)
  })

  /** Each needs a rule of its own: without it the two have one shape, and two fingerprints. */
  it.each([
    [`select position('a' in ('b'))`, `select position('a' in ('b', 'c'))`],
    ['select a::float(10)', 'select a::float(30)'],
    ['select a::float /* so */ (10)', 'select a::float /* so */ (30)'],
    ['select a::int[3]', 'select a::int[4]'],
    [`select U&"d!0061t" uescape '!'`, `select U&"d!0061t" uescape '#'`],
    ['fetch 1 from c', 'fetch 2 from c'],
    [`alter role a password null`, `alter role a password 'x'`],
    ['create table t (a float(1))', 'create table t (a float(30))'],
    ['select 1; fetch 1 from c', 'select 1; fetch 2 from c'],
    ['rollback', 'rollback and chain'],
    ['select "a"', 'select "A"'],
    ['select a - b', 'select a -- b'],
    ['select 1 /* select 2 */', 'select 1 / 2'],
    [`select 'a' 'b'`, `select 'a'\n'b'`],
    [`select E'\\'', b`, `select E'\\', b`],
    ['select $a$ b $a$', 'select $a$ b $a$, c'],
    ['select a, b', 'select a b'],
    ['select a[1]', 'select a[1:2]'],
  ])('tells %j from %j', (one, other) => {
    const texts = [one, other].filter((text) => fingerprintOf(text) !== null)
    expect(new Set(texts.map(fingerprintOf)).size).toBe(texts.length)
    expect(keyOf(one)).not.toBe(keyOf(other))
  })

  it('gives one shape to texts that differ in the value of a literal alone, or in comments and line breaks', () => {
    const numbers = fc.constantFrom('1', '2', '77', '1e5', '.5', '1_000')
    const strings = fc.constantFrom(`'a'`, `''`, `'it''s'`, `E'\\''`, '$$x$$', `$t$ ' $t$`, `'a'\n'b'`)
    const templates = [
      (value: string, space: string) => `select${space}a from t where b =${space}${value} and c > ${value}`,
      (value: string, space: string) => `insert into t values (${value},${space}${value})`,
      (value: string, space: string) => `update t set a = ${value}${space}where b in (${value}, ${value})`,
      (value: string, space: string) => `delete from t where f(${value})${space}is null limit ${value}`,
    ]
    const pair = fc.oneof(fc.tuple(numbers, numbers), fc.tuple(strings, strings))
    fc.assert(
      fc.property(fc.constantFrom(...templates), pair, fc.tuple(gap, gap), (template, values, spaces) => {
        const apart = spaces.map((space) => ` ${space}`)
        expect(keyOf(template(values[0], apart[0] ?? ' '))).toBe(keyOf(template(values[1], apart[1] ?? ' ')))
      }),
      { numRuns: runs, ...seed },
    )
  })

  it('knows a text again that is like a former one only where both have one shape', () => {
    const values = fc.constantFrom('3', '40', '4.5', '1e5', '0x3', '3a', `'`, `''`, `'b'`, '.', '')
    let found = 0
    fc.assert(
      fc.property(spaced, fc.array(values, { minLength: 4, maxLength: 4 }), (text, drawn) => {
        const bytes = encoder.encode(text)
        const templates = new ShapeTemplates<number>()
        const shape = scan.keyOf(bytes)
        templates.learn(bytes, { start: 0, end: bytes.length, places: scan.literals, shape })
        const twins = drawn.flatMap((value, at) => [
          text.replaceAll(/\d+/g, value),
          text.replaceAll(/'[^']*'/g, `'${value}'`),
          text.replace(/\d+/g, (digits) => (digits.length % 4 === at ? value : digits)),
          text.slice(0, -at) + value,
        ])
        for (const twin of [text, ...twins]) {
          const like = encoder.encode(twin)
          const known = templates.find(like, 0, like.length)
          if (known === null) continue
          found += 1
          expect([known, twin], text).toEqual([scan.keyOf(like), twin])
        }
      }),
      { numRuns: runs, ...seed },
    )
    expect(found).toBeGreaterThan(2 * runs)
  })

  it('takes lists of literals for one whatever their length, and tells lists of other things apart', () => {
    const lists = ['(1)', '(1, 2)', `(1,'x', $1)`, '(-1,-2,-3)'].map((list) => keyOf(`select a in ${list}`))
    expect(new Set(lists).size).toBe(1)
    const others = ['(1, b)', '(1, 2::int)', '(2::int)', '(1, 2 + 3)', '(1, 2, b)', '((1, 2))', '(select 1)']
    expect(new Set(others.map((list) => keyOf(`select a in ${list}`))).size).toBe(others.length)
  })

  it('reads any bytes to their end', () => {
    const pieces = fc.constantFrom(
      ...`'"$-/*;,.()[]eEuU&nN1a_`.split(''),
      '\\',
      '\n',
      'é',
      'in',
      'float',
      '\0',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const key = keyOf(parts.join(''))
        expect(Number.isSafeInteger(key) && key >= 0).toBe(true)
      }),
      { numRuns: runs, ...seed },
    )
  })

  it('tells longer texts by what they begin with', () => {
    const long = `select ${'a + '.repeat(40_000)}`
    expect(keyOf(`${long} 1`)).toBe(keyOf(`${long} b`))
    expect(keyOf(`${long} 1`)).not.toBe(keyOf(long.slice(0, 60_000)))
  })
})
