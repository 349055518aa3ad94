/** Which texts are known again. That they have one shape then, test/shape-scan.test.ts shows. */
import { describe, expect, it } from 'vitest'
import { ShapeScan, shapeBytesMax } from './shape-scan.ts'
import { ShapeTemplates } from './shape-templates.ts'

const encoder = new TextEncoder()
const scan = new ShapeScan()

/** With bytes around it that belong to something else. */
function learn(templates: ShapeTemplates<string>, text: string): void {
  const bytes = encoder.encode(`1'${text}7'`)
  const bounds = { start: 2, end: bytes.length - 2 }
  scan.keyOf(bytes, bounds.start, bounds.end)
  templates.learn(bytes, { ...bounds, places: scan.literals, shape: text })
}

function find(templates: ShapeTemplates<string>, text: string): string | null {
  const bytes = encoder.encode(`9 ${text}7'`)
  return templates.find(bytes, 2, bytes.length - 2)
}

/** The same of a text with a NUL behind it, and where it ended. */
function findTerminated(templates: ShapeTemplates<string>, text: string): readonly [string | null, number] {
  const bytes = encoder.encode(`9 ${text}\0' = 1\0`)
  return [templates.findTerminated(bytes, 2, bytes.length), templates.end - 2]
}

function knowing(...texts: string[]): ShapeTemplates<string> {
  const templates = new ShapeTemplates<string>()
  for (const text of texts) learn(templates, text)
  return templates
}

describe('ShapeTemplates', () => {
  it.each([
    ['select a from t where b = 1;', 'select a from t where b = 98765;'],
    ['select a from t where b = 12', 'select a from t where b = 3'],
    [`insert into t values (1, 'x')`, `insert into t values (22, 'it is "y"')`],
    [`select 'x', 2 from t`, `select '', 0 from t`],
    ['select a in (1, 2)', 'select a in (30, 4)'],
    ['select $1, b', 'select $1, b'],
  ])('know %j again as %j', (text, other) => {
    expect(find(knowing(text), other)).toBe(text)
    expect(findTerminated(knowing(text), other)).toEqual([text, encoder.encode(other).length])
  })

  it.each([
    ['select a from t where b = 1', 'select a from t where b = 1.5'],
    ['select a from t where b = 1', 'select a from t where b = 1 '],
    ['select a from t where b = 1.5', 'select a from t where b = 2.5'],
    [`select 'it''s'`, `select 'it is'`],
    ['select a from t where b = 1', 'select a from t where b = c'],
    ['select a from t where b = 1', 'select A from t where b = 1'],
    ['select a from t where b = 1;', 'select a from t where b = 1'],
    ['select a1', 'select a2'],
    [`select 'x'`, `select 'it''s'`],
    [`select 'x'`, `select 'x`],
    [`select E'x'`, `select E'y'`],
    ['select a::float(10)', 'select a::float(30)'],
    ['select a::int[3]', 'select a::int[4]'],
    ['fetch 1 from c', 'fetch 2 from c'],
    ['select a in (1, 2)', 'select a in (1, 2, 3)'],
    ['select 1 -- 5', 'select 1 -- 6'],
    [`select 'x' = 2`, `select 'x`],
  ])('leave %j and %j to the scan', (text, other) => {
    expect(find(knowing(text), other)).toBeNull()
    expect(findTerminated(knowing(text), other)[0]).toBeNull()
    expect(find(knowing(text), text)).toBe(text)
  })

  it('know several texts that are sent in turn', () => {
    const texts = Array.from({ length: 8 }, (_, index) => `update t${index} set a = 1 where b = 2`)
    const templates = knowing(...texts)
    for (const text of [...texts, ...texts.toReversed()])
      expect(find(templates, text.replace('= 1', '= 77'))).toBe(text)
  })

  it('learn others in the place of old ones, but not with every text that comes', () => {
    const names = Array.from({ length: 45 }, (_, index) => `select a from t${index}`)
    const known = [...names.keys()].filter((index) => find(knowing(...names), names[index] ?? '') !== null)
    expect(known).toEqual([0, 2, 3, 4, 5, 6, 7, 39])
  })

  it('leave texts to the scan that are long or have many literals, or are longer than a scan reads', () => {
    const many = `select ${Array.from({ length: 65 }, () => '1').join(', ')}`
    const long = `select ${'a + '.repeat(600)} 1`
    const templates = knowing(many, long, `select 'x'`)
    expect([many, long].map((text) => find(templates, text))).toEqual([null, null])
    const tooLong = `select '${'y'.repeat(shapeBytesMax)}'`
    expect([find(templates, tooLong), findTerminated(templates, tooLong)[0]]).toEqual([null, null])
  })
})
