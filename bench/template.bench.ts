/**
 * `npm run bench -- template [--json] [--check] [--rounds N]`: how long a new instance takes from the template,
 * on disk and in memory, against `PGlite.create()` on disk and in memory, interleaved in one process. The bar:
 * five times as fast. Also how long the host's event loop was blocked meanwhile.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { EngineOptions } from '../src/main/engine/engine.ts'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { median } from './median.ts'

const barRatio = 5

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
  },
})
const rounds = Number(values.rounds)
const home = mkdtempSync(join(tmpdir(), 'wardian-bench-template-'))
const factory = new PgliteEngineFactory({ templatesDirectory: join(tmpdir(), 'wardian-bench-templates') })
const delay = monitorEventLoopDelay({ resolution: 1 })
const nanosecondsPerMillisecond = 1e6
let directories = 0

const ways: Record<string, () => Promise<number>> = {
  'PGlite.create(), disk': () => createWithPglite(`file://${newDirectory()}`),
  'PGlite.create(), memory': () => createWithPglite(null),
  'template, disk, durable': () => openFromTemplate({ directory: newDirectory(), durability: 'durable' }),
  'template, disk, relaxed': () => openFromTemplate({ directory: newDirectory(), durability: 'relaxed' }),
  'template, memory': () => openFromTemplate({ directory: null, durability: 'relaxed' }),
}

try {
  // The template is made once per machine; that and compiling are not what is measured.
  await openFromTemplate({ directory: null, durability: 'relaxed' })
  const times = new Map(Object.keys(ways).map((way) => [way, [] as number[]]))
  const blocked: number[] = []
  const schedule = Array.from({ length: rounds }, () => Object.entries(ways)).flat()
  for (const [way, measure] of schedule) {
    delay.reset()
    delay.enable()
    times.get(way)?.push(await measure())
    delay.disable()
    if (way.startsWith('template')) blocked.push(delay.max / nanosecondsPerMillisecond)
  }
  report(times, Math.max(...blocked))
} finally {
  await factory.dispose()
  rmSync(home, { recursive: true, force: true })
}

function newDirectory(): string {
  directories += 1
  return join(home, String(directories))
}

async function openFromTemplate(options: EngineOptions): Promise<number> {
  const startedMs = performance.now()
  const engine = await factory.open(options)
  const milliseconds = performance.now() - startedMs
  await engine.close()
  return milliseconds
}

/** In a worker like ours, so that both start a thread and neither blocks this one. */
async function createWithPglite(dataDir: string | null): Promise<number> {
  const startedMs = performance.now()
  const worker = new Worker(new URL('./pglite-create-worker.ts', import.meta.url), {
    workerData: { dataDir },
  })
  const milliseconds = await new Promise<number>((resolve, reject) => {
    worker.once('message', () => resolve(performance.now() - startedMs))
    worker.once('error', reject)
  })
  await worker.terminate()
  return milliseconds
}

function report(times: ReadonlyMap<string, readonly number[]>, blockedMs: number): void {
  const of = (way: string): number => median([...(times.get(way) ?? [])])
  const ratios = {
    disk: of('PGlite.create(), disk') / of('template, disk, durable'),
    memory: of('PGlite.create(), memory') / of('template, memory'),
  }
  if (values.json) {
    const medians = Object.fromEntries([...times.keys()].map((way) => [way, of(way)]))
    console.log(JSON.stringify({ bench: 'template', rounds, medianMs: medians, ratios, blockedMs, barRatio }))
  } else {
    for (const way of times.keys()) console.log(`${way.padEnd(26)}${of(way).toFixed(0).padStart(6)} ms`)
    console.log(
      `from the template: ${ratios.disk.toFixed(1)} x as fast on disk, ${ratios.memory.toFixed(1)} x in memory`,
    )
    console.log(`the event loop was blocked for ${blockedMs.toFixed(0)} ms at most`)
  }
  if (values.check && Math.min(ratios.disk, ratios.memory) < barRatio) process.exitCode = 1
}
