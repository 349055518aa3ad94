/**
 * `npm run bench -- scroll [--json]`: scrolls a result of a million rows in a real browser and counts the frames
 * that came late. Three ways (slowly, 3,000 px a frame, at random), each between two measurements of a canvas of
 * the same size that only changes its colour, because what is late there is late because of the machine.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import react from '@vitejs/plugin-react'
import { build, preview } from 'vite'
import { obtainBrowser } from '../build/find-browser.ts'

interface Quantiles {
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/** As e2e/grid-page/frame-meter.ts has it. */
interface FrameTimes {
  readonly frameCount: number
  readonly lateCount: number
  readonly intervalMs: Quantiles
  readonly drawMs: Quantiles
}

interface Measurement extends FrameTimes {
  readonly way: string
  readonly columns: number
}

/** Share of late frames that is allowed. */
const lateShareMax = 0.01
const rowCount = 1_000_000
const columnCounts = [3, 200]
const ways = ['blank', 'slow', 'blank', 'fast', 'blank', 'jump', 'blank']

const isJson = process.argv.includes('--json')
const report = (line: string): void => void process.stderr.write(`${line}\n`)

const measurements = await measureAll()
const blank = shareLate(measurements.filter(({ way }) => way === 'blank'))
const scrolling = shareLate(measurements.filter(({ way, columns }) => way !== 'blank' && columns === 3))
const verdict =
  scrolling <= lateShareMax
    ? 'met'
    : blank > lateShareMax
      ? 'not judged, this machine is too busy to draw even a blank canvas in time'
      : 'missed'
const summary = {
  verdict,
  rowCount,
  lateShareBlank: blank,
  lateShareScrolling: scrolling,
  lateShareMax,
  measurements,
}
if (isJson) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`)
else print()

async function measureAll(): Promise<Measurement[]> {
  const outDir = await mkdtemp(join(tmpdir(), 'wardian-scroll-'))
  const root = resolve(import.meta.dirname, '../e2e/grid-page')
  const config = { root, configFile: false as const, plugins: [react()], logLevel: 'error' as const }
  try {
    await build({ ...config, build: { outDir, emptyOutDir: true, minify: true } })
    const server = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } })
    try {
      return await measureIn(server.resolvedUrls?.local[0] ?? '')
    } finally {
      await server.close()
    }
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

async function measureIn(url: string): Promise<Measurement[]> {
  const browser = await chromium.launch({
    executablePath: await obtainBrowser(report),
    args: ['--no-sandbox'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } })
    const found: Measurement[] = []
    for (const columns of columnCounts) found.push(...(await measurePage(page, url, columns)))
    return found
  } finally {
    await browser.close()
  }
}

async function measurePage(page: Page, url: string, columns: number): Promise<Measurement[]> {
  await page.goto(`${url}?rows=${rowCount}&columns=${columns}`)
  await page.waitForSelector('html[data-ready]')
  // Once through, so that code is compiled and fonts are drawn before anything counts.
  await page.evaluate<FrameTimes>("gridPage.measure('fast')")
  const found: Measurement[] = []
  for (const way of ways) {
    report(`${rowCount.toLocaleString('en')} rows × ${columns}: ${way}`)
    const times = await page.evaluate<FrameTimes>(`gridPage.measure('${way}')`)
    found.push({ way, columns, ...times })
  }
  return found
}

function shareLate(of: readonly Measurement[]): number {
  const frames = of.reduce((sum, { frameCount }) => sum + frameCount, 0)
  return frames === 0 ? 0 : of.reduce((sum, { lateCount }) => sum + lateCount, 0) / frames
}

function print(): void {
  const ms = (value: number): string => value.toFixed(1).padStart(6)
  console.log('columns  way    frames  late   interval p50/p95/max ms   draw p50/p95/max ms')
  for (const { columns, way, frameCount, lateCount, intervalMs, drawMs } of measurements) {
    const interval = `${ms(intervalMs.p50)} ${ms(intervalMs.p95)} ${ms(intervalMs.max)}`
    const draw = `${ms(drawMs.p50)} ${ms(drawMs.p95)} ${ms(drawMs.max)}`
    const head = `${String(columns).padStart(7)}  ${way.padEnd(5)} ${String(frameCount).padStart(7)}`
    console.log(`${head} ${String(lateCount).padStart(5)}   ${interval}      ${draw}`)
  }
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
  console.log(`late while scrolling, 3 columns: ${percent(scrolling)} (blank canvas: ${percent(blank)})`)
  console.log(`bar of ${percent(lateShareMax)}: ${verdict}`)
}
