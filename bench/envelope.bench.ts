/**
 * The envelope protocol as `@wardian/client` speaks it, against one served host: point queries pipelined on one socket,
 * beside Neon's driver on the same host and PGlite in process; a million rows, as column batches and as JSON, beside
 * the grid's own path; the size of the bundle and the memory of requests. Rounds are interleaved and only ratios within
 * a round are judged. `--json` prints one document; `--check` exits 1 when a bar is missed.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { buildIfStale } from '../build/build-if-stale.ts'
import { repositoryRoot } from '../build/run-command.ts'
import type { WorkbenchClient } from '../src/main/cli/host-connection.ts'
import { measureMemory } from './envelope-memory.ts'
import { measurePoints } from './envelope-points.ts'
import { measureRows } from './envelope-rows.ts'
import type { EnvelopeAddress } from './envelope-address.ts'
import { withServedHost } from './served-host.ts'

const bars = {
  ofNeonMin: 3,
  ofInProcessMin: 0.5,
  fasterThanJsonMin: 5,
  ofGridPathMax: 2,
  bundleBytesMax: 100 << 10,
  memoryBytesMax: 10 << 20,
}

async function serve(workbench: WorkbenchClient): Promise<EnvelopeAddress & { readonly instanceId: string }> {
  const { id } = await workbench.call('instance.create', {
    ...{ name: 'bench', storage: 'memory', withSample: false },
  })
  const { url, port } = await workbench.call('web.start', { port: 0 })
  if (url === null || port === null) throw new Error('The web endpoint does not listen')
  const { secret } = await workbench.call('web.createToken', {
    ...{ label: 'bench', instanceIds: null, access: 'read-write', role: 'postgres', expiresAtMs: null },
  })
  return { url, port, token: secret, tenant: 'bench', instanceId: id }
}

function measureBundle() {
  const bundle = readFileSync(join(repositoryRoot, 'out/client-package/wardian-client.js'))
  const gzipBytes = gzipSync(bundle, { level: 9 }).length
  return { bytes: bundle.length, gzipBytes, brotliBytes: brotliCompressSync(bundle).length }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', default: 'points,rows,memory' },
    },
  })
  await buildIfStale({ parts: ['wasm', 'client'] })
  const parts = values.only.split(',')
  const rounds = Number(values.rounds)
  const directory = mkdtempSync(join(tmpdir(), 'wardian-bench-'))
  try {
    const report = await withServedHost(directory, async (workbench) => {
      const address = await serve(workbench)
      return {
        points: parts.includes('points')
          ? await measurePoints(address, { rounds, seconds: Number(values.seconds) })
          : null,
        rows: parts.includes('rows') ? await measureRows(address, workbench, rounds) : null,
        memory: parts.includes('memory') ? measureMemory(address) : null,
        bundle: measureBundle(),
      }
    })
    const checks = judge(report)
    process.stdout.write(values.json ? `${JSON.stringify({ ...report, checks })}\n` : table(report, checks))
    if (values.check && checks.some(({ isMet }) => !isMet)) process.exitCode = 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Report {
  readonly points: Awaited<ReturnType<typeof measurePoints>> | null
  readonly rows: Awaited<ReturnType<typeof measureRows>> | null
  readonly memory: ReturnType<typeof measureMemory> | null
  readonly bundle: ReturnType<typeof measureBundle>
}

interface Check {
  readonly what: string
  readonly measured: string
  readonly bar: string
  readonly isMet: boolean
}

function judge({ points, rows, memory, bundle }: Report): Check[] {
  const times = (value: number): string => `${value.toFixed(2)} ×`
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`
  const atLeast = (what: string, value: number, min: number): Check => {
    return { what, measured: times(value), bar: `>= ${min} ×`, isMet: value >= min }
  }
  const atMost = (what: string, bytes: number, max: number): Check => {
    return { what, measured: kib(bytes), bar: `<= ${kib(max)}`, isMet: bytes <= max }
  }
  const checks: Check[] = []
  if (points) {
    checks.push(atLeast('point queries, of Neon’s driver', points.ofNeon, bars.ofNeonMin))
    checks.push(atLeast('point queries, of in process', points.ofInProcess, bars.ofInProcessMin))
  }
  if (rows) {
    const { fasterThanJson, ofGridPath } = rows
    checks.push(atLeast('a million rows, faster than JSON', fasterThanJson, bars.fasterThanJsonMin))
    checks.push({
      ...{ what: 'a million rows, of the grid’s path', measured: times(ofGridPath) },
      ...{ bar: `<= ${bars.ofGridPathMax} ×`, isMet: ofGridPath <= bars.ofGridPathMax },
    })
  }
  checks.push(atMost('bundle, gzip', bundle.gzipBytes, bars.bundleBytesMax))
  if (memory) {
    checks.push(atMost('memory of 100 requests under way', memory.outstandingBytes, bars.memoryBytesMax))
    checks.push(atMost('its peak while 2,000 were answered', memory.peakBytes, bars.memoryBytesMax))
  }
  return checks
}

function table({ points, rows, bundle }: Report, checks: readonly Check[]): string {
  const lines: string[] = checks.map(
    ({ what, measured, bar, isMet }) =>
      `${isMet ? 'ok    ' : 'MISSED'} ${what.padEnd(36)} ${measured.padStart(12)}  ${bar}`,
  )
  if (points) {
    for (const [name, rate] of Object.entries(points.rates))
      lines.push(`  ${name.padEnd(28)} ${rate.toFixed(0)} queries/s`)
  }
  if (rows)
    for (const [name, ms] of Object.entries(rows.milliseconds))
      lines.push(`  ${name.padEnd(28)} ${ms.toFixed(0)} ms`)
  lines.push(`  bundle ${bundle.bytes} bytes, brotli ${bundle.brotliBytes}`)
  return `${lines.join('\n')}\n`
}

await main()
