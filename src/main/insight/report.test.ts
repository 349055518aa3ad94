/**
 * Goal: a report opens anywhere, runs nothing, and no text of a database can become anything else; CSV and JSON come
 * back as what they were.
 */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exampleHealth, exampleIndexes, exampleTables } from '../../../test/support/insight-examples.ts'
import { reportCsv } from './report-csv.ts'
import { seriesOf, type ReportData } from './report-data.ts'
import { reportHtml } from './report-html.ts'

const row = {
  ...{ instanceId: 'i1', fingerprint: '0123456789abcdef', text: 'select $1', calls: 10, errors: 1, rows: 9 },
  ...{ bytes: 90, cacheHits: 2, totalMs: 30.5, waitMs: 1, meanMs: 3.05, maxMs: 9, p50Ms: 2, p90Ms: 5 },
  ...{ p95Ms: 7, p99Ms: 9, p999Ms: 9, firstSeenMs: 1_790_000_000_000, lastSeenMs: 1_790_000_100_000 },
  ...{ growth: 1, sparkline: [1, 2] },
}

const buffer = new Float64Array([1_790_000_000_000, 1_790_000_001_000, 1_790_000_002_000, 5, NaN, 7, 1, 2, 3])
  .buffer

function dataWith(text: string): ReportData {
  return {
    ...{ version: 1, product: 'Wardian 0.1.0', instance: text, madeAtMs: 1_790_000_100_000 },
    ...{ fromMs: 1_790_000_000_000, toMs: 1_790_000_100_000, notes: [text] },
    statements: { totals: row, count: 1, rows: [{ ...row, text }] },
    overTime: seriesOf(['calls', 'p95'], 3, buffer),
    resources: seriesOf(['wasmMemory', 'engineCpu'], 3, buffer),
    ...{ health: exampleHealth, tables: exampleTables, indexes: exampleIndexes },
  }
}

/** What a browser would make of it, as far as its tags go. */
function tagsOf(html: string): string[] {
  return [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag)
}

describe('an HTML report', () => {
  test('has the same elements whatever stands in the database', () => {
    const plain = tagsOf(reportHtml(dataWith('plain')))
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '</style><script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        '&lt;',
        "' onload='x",
      ),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(tagsOf(reportHtml(dataWith(text)))).toEqual(plain)
      }),
    )
  })

  test('allows nothing but its own style, and asks for nothing', () => {
    const html = reportHtml(dataWith('select 1'))
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(html) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    )
    expect(html).not.toMatch(/<(script|link|img|iframe|object|a|form)\b/)
    expect(html).not.toMatch(/\s(style|on\w+|src|href)=/)
    expect(style).not.toMatch(/url\(|@import/)
  })

  test('draws a gap where nothing was measured', () => {
    const html = reportHtml(dataWith('x'))
    const [, line = ''] = /class="line line-0" d="([^"]*)"/.exec(html) ?? []
    expect(line.match(/M/g)).toHaveLength(2)
    expect(line).not.toContain('NaN')
  })

  test('draws all of its time, whatever was measured of it, and numbers in their units', () => {
    const html = reportHtml(dataWith('x'))
    // Two seconds of a hundred, from the left edge: 8 + 624 * 2 / 100.
    const [, line = ''] = /class="line line-0" d="([^"]*)"/.exec(html) ?? []
    expect(line).toMatch(/^M8 /)
    expect(line).toMatch(/M20\.5 [\d.]+h0$/)
    expect(html).toContain('2026-09-21 14:15')
    expect(html.match(/<figcaption>[^<]*/g)).toEqual([
      '<figcaption>Statements (at most 7 a second) ',
      '<figcaption>Latency (at most 3 ms) ',
      '<figcaption>Waiting for a turn (at most 0 ms) ',
      '<figcaption>Memory (at most 0 MB) ',
      '<figcaption>Processor (at most 3 cores) ',
      '<figcaption>On disk (at most 0 MB) ',
    ])
  })
})

describe('a CSV report', () => {
  test('comes back as what it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [head = [], first = []] = parsed(reportCsv(dataWith(text), 'statements'))
        expect(first[head.indexOf('text')]).toBe(text)
        expect(first[head.indexOf('totalMs')]).toBe('30.5')
        expect(first[head.indexOf('firstSeen')]).toBe('2026-09-21T14:13:20.000Z')
      }),
    )
  })

  test.each(['statements', 'tables', 'indexes', 'findings', 'series'] as const)('has %s', (part) => {
    const lines = parsed(reportCsv(dataWith('select 1'), part))
    expect(lines.length).toBeGreaterThan(1)
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1)
  })
})

/** RFC 4180, strictly. */
function parsed(csv: string): string[][] {
  const rows: string[][] = []
  let cells: string[] = []
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    cells.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(cells)
    cells = []
  }
  return rows
}
