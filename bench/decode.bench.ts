/**
 * `npm run bench -- decode [--json] [--case NAME] [--rows N] [--rounds N]`: what decoding costs. Each result is
 * fetched from a real PGlite three ways, interleaved: its bytes discarded (the floor), decoded by WebAssembly,
 * decoded by the twin. Then the decoders alone, fed with a block of the same bytes over and over. Then peak memory,
 * each decoder in a process of its own. Medians of times, and of the ratios within each round, which depend on the
 * machine much less.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRowDecoder } from '../native-wasm/js/create-row-decoder.ts'
import type { RowDecoder } from '../native-wasm/js/row-decoder.ts'
import { Postgres } from '../native-wasm/test/postgres-wire.ts'
import { batchBytesTarget } from '../src/contract/limits.ts'
import { decodeCases } from './decode-cases.ts'
import type { DecodeCase } from './decode-cases.ts'

const warmUpRounds = 2
/** Rows of the block that the decoders alone are fed with: more than fit a processor's caches. */
const blockRows = 100_000
/** What PGlite hands over at a time. */
const chunkBytes = 8192
const mebibyte = 1 << 20

const modes = ['floor', 'wasm', 'twin'] as const
type Mode = (typeof modes)[number]
type Feed = (take: (chunk: Uint8Array) => void) => Promise<void>

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
  /** Batches, all kept, and by how much resident memory has grown at most. */
  readonly payloadMebibytes: number
  readonly grownMebibytes: number
}

/** Decodes what `feed` hands over; each batch goes to `keep`. */
async function decode(decoder: RowDecoder, feed: Feed, keep: (batch: ArrayBuffer) => void): Promise<void> {
  await feed((chunk) => {
    decoder.push(chunk)
    while (decoder.next() !== null);
    if (decoder.pendingBytes < batchBytesTarget) return
    const batch = decoder.takeBatch()
    if (batch !== null) keep(batch)
  })
  const last = decoder.takeBatch()
  if (last !== null) keep(last)
}

function openDecoder(name: 'wasm' | 'twin', kinds: Uint8Array): RowDecoder {
  const decoder = createRowDecoder(name)
  if (decoder.name !== name) throw new Error(`No ${name} decoder: ${decoder.fallbackReason ?? ''}`)
  decoder.reset(kinds)
  return decoder
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
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

/** Runs in a process of its own (`--peak MODE`), which has never held more than a block: keeps every batch. */
async function measurePeak(mode: Mode, blockPath: string, rows: number): Promise<Peak> {
  const [of] = decodeCases
  if (!of) throw new Error('There are no cases')
  const block = readFileSync(blockPath)
  const feed: Feed = async (take) => {
    for (let done = 0; done < rows; done += blockRows) {
      for (let at = 0; at < block.length; at += chunkBytes) take(block.subarray(at, at + chunkBytes))
    }
  }
  const batches: ArrayBuffer[] = []
  const decoder = openDecoder(mode === 'twin' ? 'twin' : 'wasm', of.kinds)
  const before = process.memoryUsage.rss()
  if (mode === 'floor') await feed(() => {})
  else await decode(decoder, feed, (batch) => batches.push(batch))
  const peakBytes = process.resourceUsage().maxRSS * 1024
  const payloadBytes = batches.reduce((sum, batch) => sum + batch.byteLength, 0)
  return {
    mode,
    payloadMebibytes: payloadBytes / mebibyte,
    grownMebibytes: (peakBytes - before) / mebibyte,
  }
}

async function measurePeaks(rows: number): Promise<Peak[]> {
  await using postgres = await Postgres.open()
  await using directory = await mkdtempDisposable(join(tmpdir(), 'wardian-bench-'))
  const [of] = decodeCases
  const chunks: Uint8Array[] = []
  if (of) await postgres.stream(of.sql(blockRows), of.kinds, (chunk) => chunks.push(chunk.slice()))
  const blockPath = join(directory.path, 'block')
  writeFileSync(blockPath, Buffer.concat(chunks))
  return modes.map((mode) => {
    const flags = ['--peak', mode, '--block', blockPath, '--rows', String(rows)]
    const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...flags], {
      encoding: 'utf8',
    })
    return JSON.parse(output) as Peak
  })
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
      peak: { type: 'string' },
      block: { type: 'string', default: '' },
    },
  })
  const rows = Number(values.rows)
  const peakMode = modes.find((mode) => mode === values.peak)
  if (peakMode) {
    console.log(JSON.stringify(await measurePeak(peakMode, values.block, rows)))
    return
  }
  const cases = decodeCases.filter(({ name }) => name === (values.case ?? name))
  const compared = await compareAll(cases, rows, Number(values.rounds))
  const peaks = await measurePeaks(rows)
  if (values.json) {
    console.log(JSON.stringify({ rows, ...compared, peaks }))
    return
  }
  for (const { name, about } of cases) console.log(`${name.padEnd(9)}${about}`)
  print(`Behind PGlite, ${rows} rows (floor: bytes discarded)`, compared.behind)
  print('Decoders alone (floor: handing the chunks over)', compared.alone)
  console.log('\nPeak memory, t3, all batches kept')
  for (const { mode, payloadMebibytes, grownMebibytes } of peaks) {
    console.log(
      `${mode.padEnd(9)}grown ${grownMebibytes.toFixed(1)} MiB, payload ${payloadMebibytes.toFixed(1)} MiB`,
    )
  }
}

await main()
