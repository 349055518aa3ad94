/**
 * `npm run bench -- frame-codec [--json] [--check] [--rounds N]`: the client's side of point queries, with WebAssembly
 * and without, in Node and in Chromium: nanoseconds to write one request, and to read one answer. Rounds are
 * interleaved and only ratios within a round are judged; in Node the thread's own time is measured.
 */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { build } from 'vite'
import { obtainBrowser } from '../build/find-browser.ts'
import { compareFrames, type FrameTimes } from './frame-codec-run.ts'
import { median } from './median.ts'

/** WebAssembly may take no longer than JavaScript does. */
const ratioMax = 1

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '31' },
  },
})
const rounds = Number(values.rounds)
const module = readFileSync(new URL('../native-wasm/out/frame-codec.wasm', import.meta.url))

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

async function inChromium(): Promise<FrameTimes> {
  const outDir = await mkdtemp(join(tmpdir(), 'wardian-frame-codec-'))
  const browser = await chromium.launch({
    executablePath: await obtainBrowser((line) => void process.stderr.write(`${line}\n`)),
    args: ['--no-sandbox'],
  })
  try {
    const entry = join(import.meta.dirname, 'frame-codec-run.ts')
    const lib = { entry, name: 'frameCodec', formats: ['iife' as const], fileName: () => 'run.js' }
    await build({ configFile: false, logLevel: 'error', build: { outDir, lib } })
    const page = await browser.newPage()
    await page.addScriptTag({ path: join(outDir, 'run.js') })
    const run = `frameCodec.compareFrames(new Uint8Array([${[...module].join()}]), { rounds: ${rounds} })`
    return await page.evaluate<FrameTimes>(run)
  } finally {
    await browser.close()
    await rm(outDir, { recursive: true, force: true })
  }
}

function summary(where: string, { script, wasm }: FrameTimes) {
  return (['writeNs', 'readNs'] as const).map((what) => {
    const ratio = median(wasm[what].map((ns, round) => ns / (script[what][round] ?? NaN)))
    return {
      ...{ where, what, ratio, isMet: ratio <= ratioMax },
      ...{ scriptNs: median(script[what]), wasmNs: median(wasm[what]) },
    }
  })
}

const measured = [
  ...summary('node', await compareFrames(Uint8Array.from(module), { rounds, nowMs: threadMs })),
  ...summary('chromium', await inChromium()),
]
if (values.json) console.log(JSON.stringify({ bench: 'frame-codec', ratioMax, rounds, measured }))
else {
  for (const { where, what, scriptNs, wasmNs, ratio, isMet } of measured) {
    const times = `script ${scriptNs.toFixed(0).padStart(6)} ns, wasm ${wasmNs.toFixed(0).padStart(6)} ns`
    const verdict = `ratio ${ratio.toFixed(2)}, bar ${ratioMax} ${isMet ? 'ok' : 'missed'}`
    console.log(`${where.padEnd(10)}${what.padEnd(8)}${times}   ${verdict}`)
  }
}
if (values.check && measured.some(({ isMet }) => !isMet)) process.exitCode = 1
