/**
 * `npm run bench -- dashboard [--json]`: a host whose store has a day of samples, one a second, of all of its metrics,
 * and the page of the dashboard in a real browser. How long it takes from the click until all charts in sight are
 * drawn, and how many frames come late while it is live, between two measurements of an empty console, because what is
 * late there is late because of the machine.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium, type Page } from '@playwright/test'
import { obtainBrowser } from '../build/find-browser.ts'
import { metricCatalog } from '../src/main/monitor/metric-catalog.ts'
import { ChunkBuilder } from '../src/main/monitor/sample-chunk.ts'
import { StorageClient } from '../src/main/storage/storage-client.ts'
import { median } from './median.ts'

const dayMs = 86_400_000
const openings = 9
const openMsMax = 500
const lateShareMax = 0.01
/** Frames of each measurement: ten seconds, in which everything is drawn again twice or more. */
const framesMeasured = 600
const lateMs = 17.5
const startTimeoutMs = 300_000

const isJson = process.argv.includes('--json')
const report = (line: string): void => void process.stderr.write(`${line}\n`)

/** A day of the host's metrics, through the store that the monitor itself uses. */
async function fill(dataDirectory: string): Promise<number> {
  const storage = new StorageClient(dataDirectory, 'bench')
  const metrics = metricCatalog.filter(({ scope }) => scope === 'host')
  const startMs = Date.now() - dayMs
  let builder = new ChunkBuilder()
  try {
    for (let atMs = startMs; atMs < startMs + dayMs; atMs += 1_000) {
      builder.add(atMs, new Map(metrics.map(({ number }) => [number, valueAt(atMs, number)])))
      if (!builder.isFull) continue
      const key = { seriesId: 'host', startMs: builder.startMs, endMs: atMs, keepFromMs: 0 }
      await storage.callWithBuffers('samples.append', key, [builder.encode()])
      builder = new ChunkBuilder()
    }
  } finally {
    await storage.close()
  }
  return metrics.length
}

function valueAt(atMs: number, number: number): number {
  const wave = Math.sin(atMs / 6e6 + number) + Math.sin(atMs / 9e4 + number) / 3 + Math.sin(atMs / 1_700) / 9
  return (wave + 2) * 10 ** (number % 9)
}

async function withServer<T>(dataDirectory: string, work: (url: string) => Promise<T>): Promise<T> {
  const entry = join(import.meta.dirname, '../src/main/cli/main.ts')
  const args = [entry, 'serve', '--no-open', '--json', '--data', dataDirectory]
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    return await work((JSON.parse(line) as { readonly url: string }).url)
  } finally {
    const ended = once(server, 'exit')
    server.kill()
    await ended
  }
}

/** From the click until each chart in sight has numbers and two frames have passed. */
async function open(page: Page): Promise<number> {
  const elapsedMs = await page.evaluate<number>(`new Promise((resolve) => {
    const startMs = performance.now()
    const isDrawn = () => {
      const charts = [...document.querySelectorAll('section[aria-label="Host"] figure')]
      return charts.length > 0 && charts.slice(0, 3).every((chart) => chart.textContent.includes('average'))
    }
    const look = () => {
      if (isDrawn()) requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - startMs)))
      else requestAnimationFrame(look)
    }
    document.querySelector('nav[aria-label="Views"] button[aria-label="Dashboard"]').click()
    look()
  })`)
  return elapsedMs
}

async function close(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Back to the consoles' }).click()
  await page.getByRole('main', { name: 'Dashboard' }).waitFor({ state: 'detached' })
}

async function lateShare(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    let [count, late, lastMs] = [0, 0, 0]
    const onFrame = (timeMs) => {
      if (lastMs > 0) {
        count += 1
        if (timeMs - lastMs > ${lateMs}) late += 1
      }
      lastMs = timeMs
      if (count < ${framesMeasured}) requestAnimationFrame(onFrame)
      else resolve(late / count)
    }
    requestAnimationFrame(onFrame)
  })`)
}

interface Measured {
  readonly openMs: readonly number[]
  readonly lateEmpty: readonly number[]
  readonly lateLive: number
}

async function measure(url: string): Promise<Measured> {
  const browser = await chromium.launch({
    executablePath: await obtainBrowser(report),
    args: ['--no-sandbox'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1_600, height: 900 } })
    await page.goto(url)
    const views = page.getByRole('navigation', { name: 'Views' })
    await views.getByRole('button', { name: 'Dashboard' }).click({ timeout: startTimeoutMs })
    await page.getByRole('button', { name: /^Time: / }).click()
    await page.getByRole('menuitemradio', { name: 'Last 24 hours' }).click()
    await page.getByRole('figure', { name: 'Memory' }).getByText('average').waitFor({ state: 'attached' })
    const openMs: number[] = []
    for (let round = 0; round < openings; round += 1) {
      await close(page)
      openMs.push(await open(page))
    }
    const lateLive = [await lateShare(page)]
    await close(page)
    const lateEmpty = [await lateShare(page)]
    await open(page)
    lateLive.push(await lateShare(page))
    await close(page)
    lateEmpty.push(await lateShare(page))
    return { openMs, lateEmpty, lateLive: Math.min(...lateLive) }
  } finally {
    await browser.close()
  }
}

const dataDirectory = await mkdtemp(join(tmpdir(), 'wardian-dashboard-'))
try {
  report('A day of samples is put into the store')
  const metricCount = await fill(dataDirectory)
  const { openMs, lateEmpty, lateLive } = await withServer(dataDirectory, measure)
  const medianMs = median(openMs)
  const isBusy = Math.min(...lateEmpty) > lateShareMax
  const summary = {
    ...{ metricCount, samples: dayMs / 1_000, openMs, medianMs, openMsMax },
    opens: medianMs <= openMsMax ? 'met' : 'missed',
    ...{ lateEmpty, lateLive, lateShareMax },
    live: lateLive <= lateShareMax ? 'met' : isBusy ? 'not judged: an empty console is late, too' : 'missed',
  }
  if (isJson) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`)
  else {
    const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
    console.log(`${summary.samples.toLocaleString('en')} samples of ${metricCount} metrics`)
    console.log(`opened in ${medianMs.toFixed(0)} ms (${openMs.map((ms) => ms.toFixed(0)).join(', ')})`)
    console.log(`bar of ${openMsMax} ms: ${summary.opens}`)
    console.log(
      `late frames while live: ${percent(lateLive)} (empty console: ${lateEmpty.map(percent).join(', ')})`,
    )
    console.log(`bar of ${percent(lateShareMax)}: ${summary.live}`)
  }
} finally {
  await rm(dataDirectory, { recursive: true, force: true })
}
