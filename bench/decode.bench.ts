/**
 * `npm run bench -- decode [--json] [--case NAME] [--rows N] [--rounds N]`: what decoding costs. Each result is
 * fetched from a real PGlite three ways, interleaved: its bytes discarded (the floor), decoded by WebAssembly,
 * decoded by the twin. Then the decoders alone, fed with a block of the same bytes over and over. Then peak memory,
 * each decoder in a process of its own. Medians of times, and of the ratios within each round, which depend on the
 * machine much less.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Postgres } from '../native-wasm/test/postgres-wire.ts'
import { decodeCases } from './decode-cases.ts'
import type { DecodeCase } from './decode-cases.ts'
import { decode, modes, openDecoder } from './decode-run.ts'
import type { Feed, Mode } from './decode-run.ts'
import { median } from './median.ts'

const warmUpRounds = 2
/** Rows of the block that the decoders alone are fed with: more than fit a processor's caches. */
const blockRows = 100_000
const mebibyte = 1 << 20

interface Comparison {
  readonly name: string
  readonly megabytes: number
  /** Medians, in milliseconds. */
  readonly times: Readonly<Record<Mode, number>>
  /** Medians of each round's time over the same round's floor. */
  readonly ratios: Readonly<Record<Mode, number>>
}

interface Peak {
  readonly mode: Mode
  /** Batches, all kept, and by how much resident memory grew at most. */
  readonly payloadBytes: number
  readonly extraPeakBytes: number
}

/** Times the three ways to treat what `feed` hands over, in turn, `rounds` times. */
async function compare(of: DecodeCase, feed: Feed, rounds: number): Promise<Comparison> {
  const wasm = openDecoder('wasm', of.kinds)
  const twin = openDecoder('twin', of.kinds)
  let bytes = 0
  const runs: Record<Mode, () => Promise<void>> = {
    floor: () => {
      bytes = 0
      return feed((chunk) => {
        bytes += chunk.length
      })
    },
    wasm: () => decode(wasm, feed, () => {}),
    twin: () => decode(twin, feed, () => {}),
  }
  const times: Record<Mode, number[]> = { floor: [], wasm: [], twin: [] }
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const mode of modes) {
      const start = performance.now()
      await runs[mode]()
      if (round >= 0) times[mode].push(performance.now() - start)
    }
  }
  const perMode = (measure: (mode: Mode) => number): Record<Mode, number> => ({
    floor: measure('floor'),
    wasm: measure('wasm'),
    twin: measure('twin'),
  })
  return {
    name: of.name,
    megabytes: bytes / 1e6,
    times: perMode((mode) => median(times[mode])),
    ratios: perMode((mode) => median(times[mode].map((time, round) => time / (times.floor[round] ?? NaN)))),
  }
}

/** A feed of chunks that were copied while Postgres handed them over, in the same sizes, `times` times over. */
async function recorded(postgres: Postgres, of: DecodeCase, times: number): Promise<Feed> {
  const chunks: Uint8Array[] = []
  await postgres.stream(of.sql(blockRows), of.kinds, (chunk) => chunks.push(chunk.slice()))
  return async (take) => {
    for (let time = 0; time < times; time++) for (const chunk of chunks) take(chunk)
  }
}

async function compareAll(
  cases: readonly DecodeCase[],
  rows: number,
  rounds: number,
): Promise<{ behind: Comparison[]; alone: Comparison[] }> {
  await using postgres = await Postgres.open()
  const behind: Comparison[] = []
  const alone: Comparison[] = []
  for (const of of cases) {
    await postgres.script(`create temp table ${of.name} as ${of.sql(rows)}`)
    const feed: Feed = (take) => postgres.stream(`table ${of.name}`, of.kinds, take)
    behind.push(await compare(of, feed, rounds))
    await postgres.script(`drop table ${of.name}`)
    alone.push(await compare(of, await recorded(postgres, of, rows / blockRows), rounds))
  }
  return { behind, alone }
}

/** Peak memory of each mode for `of`, whose bytes are handed on in a file. */
async function measurePeaks(of: DecodeCase, rows: number): Promise<Peak[]> {
  await using postgres = await Postgres.open()
  const chunks: Uint8Array[] = []
  await postgres.stream(of.sql(blockRows), of.kinds, (chunk) => chunks.push(chunk.slice()))
  const directory = mkdtempSync(join(tmpdir(), 'wardian-bench-'))
  try {
    const block = join(directory, 'block')
    writeFileSync(block, Buffer.concat(chunks))
    const program = join(import.meta.dirname, 'decode-peak.ts')
    const about = [block, String(rows / blockRows), JSON.stringify([...of.kinds])]
    return modes.map((mode) => {
      const output = execFileSync(process.execPath, ['--expose-gc', program, mode, ...about], {
        encoding: 'utf8',
      })
      return { mode, ...(JSON.parse(output) as Omit<Peak, 'mode'>) }
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function print(title: string, comparisons: readonly Comparison[]): void {
  console.log(
    `\n${title}\n${'case'.padEnd(9)}${['MB', 'floor ms', 'wasm ms', 'twin ms'].map(right).join('')}`,
  )
  for (const { name, megabytes, times, ratios } of comparisons) {
    const cells = [megabytes, times.floor, times.wasm, times.twin].map((value) => right(value.toFixed(1)))
    const speed = (mode: Mode): string => (megabytes / times[mode]).toFixed(2)
    const perFloor = `wasm ${ratios.wasm.toFixed(3)}, twin ${ratios.twin.toFixed(3)} x floor`
    console.log(
      `${name.padEnd(9)}${cells.join('')}   ${perFloor}; GB/s wasm ${speed('wasm')}, twin ${speed('twin')}`,
    )
  }
}

function right(text: string): string {
  return text.padStart(10)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      rows: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '7' },
      case: { type: 'string' },
    },
  })
  const rows = Number(values.rows)
  const cases = decodeCases.filter(({ name }) => name === (values.case ?? name))
  const compared = await compareAll(cases, rows, Number(values.rounds))
  const [peakCase] = cases
  if (!peakCase)
    throw new Error(`There is no case ${values.case}: ${decodeCases.map(({ name }) => name).join(', ')}`)
  const peaks = await measurePeaks(peakCase, rows)
  if (values.json) {
    console.log(JSON.stringify({ rows, ...compared, peaks }))
    return
  }
  for (const { name, about } of cases) console.log(`${name.padEnd(9)}${about}`)
  print(`Behind PGlite, ${rows} rows (floor: bytes discarded)`, compared.behind)
  print('Decoders alone (floor: handing the chunks over)', compared.alone)
  console.log(`\nPeak memory, ${peakCase.name}, all batches kept`)
  for (const { mode, payloadBytes, extraPeakBytes } of peaks) {
    const [grown, payload] = [extraPeakBytes, payloadBytes].map((bytes) => (bytes / mebibyte).toFixed(1))
    console.log(`${mode.padEnd(9)}grown ${grown} MiB, payload ${payload} MiB`)
  }
}

await main()
