/**
 * `npm run bench -- start [--json] [--check] [--rounds N]`: how long the packed program takes from its start to the
 * rows of a first query, in a process of its own, with this process as its window. Cold: a new data directory and
 * nothing compiled, and an instance made for the query; then until the sample shop of the first start is there, too.
 * Warm: the same again, with that instance. The bars: 3 s and 1.5 s. Files that the system has read stay in memory.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../build/build-if-stale.ts'
import { nodeRuntime } from '../build/packaging/node-runtime.ts'
import { readManifest } from '../build/packaging/release.ts'
import { serverFiles } from '../build/packaging/server-files.ts'
import { sortedFiles, writeTree } from '../build/packaging/shipped-file.ts'
import type { WorkbenchClient } from '../src/main/cli/host-connection.ts'
import { median } from './median.ts'
import { withServedHost } from './served-host.ts'
import { runOnce } from './served-result.ts'

const barsMs = { cold: 3_000, warm: 1_500 } as const

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
  },
})
const rounds = Number(values.rounds)
const home = mkdtempSync(join(tmpdir(), 'wardian-bench-start-'))

interface Start {
  /** Until it answers. */
  readonly readyMs: number
  /** Until the rows of `select 1`. */
  readonly queryMs: number
  /** Until rows of the sample shop. */
  readonly sampleMs: number
}

const name = 'bench'

async function measure(round: number): Promise<Start> {
  const startedMs = performance.now()
  const program = {
    command: [join(home, 'program/bin/wardian')] as const,
    environment: { XDG_CACHE_HOME: join(home, `cache-${round}`), NODE_COMPILE_CACHE: '' },
  }
  return withServedHost(
    join(home, `data-${round}`),
    async (client) => {
      const readyMs = performance.now() - startedMs
      const own = await client
        .call('instance.list', null)
        .then((list) => list.find((each) => each.name === name))
      const wanted = { name, storage: 'directory', withSample: false } as const
      await query(client, own ?? (await client.call('instance.create', wanted)), 'select 1')
      const queryMs = performance.now() - startedMs
      const [sample] = (await client.call('instance.list', null)).filter((each) => each.name !== name)
      if (!sample) throw new Error('The first start makes an instance')
      await query(client, sample, 'select * from orders limit 1')
      return { readyMs, queryMs, sampleMs: performance.now() - startedMs }
    },
    program,
  )
}

async function query(client: WorkbenchClient, { id }: { readonly id: string }, sql: string): Promise<void> {
  const session = await client.call('session.open', { instanceId: id, title: name })
  await runOnce(client, { sessionId: session.sessionId, sql })
}

try {
  await buildIfStale({ parts: ['wasm', 'main', 'renderer', 'template'] })
  const release = {
    ...({
      version: readManifest().version,
      architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    } as const),
    ...{ epochSeconds: 0, outputFolder: '', compressionLevel: 0 },
  }
  const files = serverFiles(release, await nodeRuntime(release.architecture))
  writeTree(join(home, 'program'), sortedFiles(files), release.epochSeconds)
  const starts = { cold: [] as Start[], warm: [] as Start[] }
  for (let round = 0; round < rounds; round++) {
    starts.cold.push(await measure(round))
    starts.warm.push(await measure(round))
  }
  report(starts)
} finally {
  rmSync(home, { recursive: true, force: true })
}

function report(starts: Readonly<Record<'cold' | 'warm', readonly Start[]>>): void {
  const medians = (['cold', 'warm'] as const).map((way) => ({
    way,
    readyMs: median(starts[way].map(({ readyMs }) => readyMs)),
    queryMs: median(starts[way].map(({ queryMs }) => queryMs)),
    sampleMs: median(starts[way].map(({ sampleMs }) => sampleMs)),
    barMs: barsMs[way],
  }))
  if (values.json) console.log(JSON.stringify({ bench: 'start', rounds, medians }))
  else {
    for (const { way, readyMs, queryMs, sampleMs, barMs } of medians) {
      const sample = `of the sample shop after ${sampleMs.toFixed(0)} ms`
      const ready = `answers after ${readyMs.toFixed(0)} ms`
      console.log(`${way}  ${ready}, first rows after ${queryMs.toFixed(0)} ms (bar ${barMs} ms), ${sample}`)
    }
  }
  if (values.check && medians.some(({ queryMs, barMs }) => queryMs > barMs)) process.exitCode = 1
}
