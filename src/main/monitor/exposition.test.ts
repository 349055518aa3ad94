/**
 * Goal: other tools read every metric, under names that keep Prometheus's rules, and what the documentation and the
 * dashboard for Grafana name is there. Method: a look with a value for every metric; its text parsed and linted as
 * `promtool check metrics` does (prometheus/client_golang, testutil/promlint/validations).
 */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { expose, extraFamilies, formatFor } from './exposition.ts'
import { metricCatalog } from './metric-catalog.ts'
import { exposed, valueOf } from '../../../test/support/exposed-example.ts'
import { lintExposition, parseExposition } from '../../../test/support/prometheus-lint.ts'

const document = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')

const allNames = [
  ...new Set([
    ...metricCatalog.map(({ exposedAs }) => exposedAs).filter((name) => name !== null),
    ...Object.values(extraFamilies).map(({ name }) => name),
  ]),
].sort()

describe('what other tools read', () => {
  it('has every metric, in both formats, and keeps the rules of promtool', async () => {
    for (const format of ['prometheus', 'openmetrics'] as const) {
      const { text, contentType } = await expose(exposed, format)
      const families = parseExposition(text)
      expect(lintExposition(families)).toEqual([])
      const names = families.map(({ name, type }) =>
        format === 'openmetrics' && type === 'counter' ? `${name}_total` : name,
      )
      expect([...names].sort()).toEqual(allNames)
      expect(text.endsWith('# EOF\n')).toBe(format === 'openmetrics')
      expect(contentType).toMatch(
        format === 'openmetrics' ? /^application\/openmetrics-text;/ : /^text\/plain;/,
      )
    }
  })

  it('has seconds and bytes as its units, sums as they were read, and one label for the instance', async () => {
    const { text } = await expose(exposed, 'prometheus')
    const lines = text.split('\n')
    expect(lines).toContain('wardian_build_info{version="1.2.3"} 1')
    expect(lines).toContain('wardian_start_time_seconds 1700000000.5')
    expect(lines).toContain(`wardian_event_loop_delay_max_seconds ${valueOf('loopDelayMax') / 1_000}`)
    expect(lines).toContain(
      `wardian_endpoint_sent_bytes_total{endpoint="postgres"} ${valueOf('endpointBytesOut')}`,
    )
    expect(lines).toContain(
      `wardian_endpoint_sent_bytes_total{endpoint="workbench"} ${valueOf('windowBytesOut')}`,
    )
    expect(lines).toContain(`wardian_endpoint_sent_bytes_total{endpoint="web"} ${valueOf('webBytesOut')}`)
    expect(lines).toContain(`wardian_instance_commits_total{database="shop"} ${valueOf('commits')}`)
    expect(lines).toContain(
      `wardian_instance_disk_bytes{database="a \\"quoted\\" \\\\ name"} ${valueOf('disk')}`,
    )
    expect(lines).toContain('wardian_instance_up{database="asleep"} 0')
    expect(lines).toContain(
      'wardian_top_statement_seconds{database="shop",fingerprint="0123456789abcdef"} 1.5',
    )
  })

  it('leaves out what was not measured', async () => {
    const host = [{ name: 'host', readMs: 1, readings: { rss: 5, cpu: Number.NaN } }]
    const { text } = await expose({ ...exposed, look: { host, instances: [] } }, 'prometheus')
    expect(text).toContain('wardian_resident_memory_bytes 5\n')
    expect(text).not.toContain('wardian_cpu_seconds_total')
    expect(text).not.toContain('wardian_instance_disk_bytes')
  })

  it('is OpenMetrics only for who asks for it', () => {
    // As Prometheus 2.53 asks.
    const accept = [
      'application/openmetrics-text;version=1.0.0;q=0.5',
      'application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    ].join(',')
    expect(formatFor(accept)).toBe('openmetrics')
    expect([formatFor(''), formatFor('*/*'), formatFor('text/plain')]).toEqual(Array(3).fill('prometheus'))
  })

  it('is documented name by name, with its kind and meaning, and nothing else is', () => {
    const text = document('metrics.md')
    const lines = text.split('\n')
    // One family has a row, however many metrics go into it.
    const families = new Map(metricCatalog.toReversed().map((metric) => [metric.exposedAs, metric]))
    for (const [name, { kind, help }] of families) {
      if (name === null) continue
      const own = lines.filter((line) => line.startsWith(`| \`${name}\` | ${kind} |`))
      expect(own, name).toHaveLength(1)
      expect(own[0]).toContain(`| ${help} |`)
    }
    const named = [...text.matchAll(/^\| `(wardian_\w+)`/gm)].map((match) => match[1] ?? '')
    expect(named.sort((a, b) => (a < b ? -1 : 1))).toEqual(allNames)
  })

  it('is what the dashboard for Grafana asks for', () => {
    const text = document('grafana-dashboard.json')
    expect(() => JSON.parse(text) as unknown).not.toThrow()
    const named = new Set([...text.matchAll(/wardian_\w+/g)].map((match) => match[0]))
    expect(named.size).toBeGreaterThan(20)
    for (const name of named) expect(allNames).toContain(name)
  })
})
