/**
 * A long run of pgbench during which something is switched on and off again and again, in the order on, off, off, on,
 * so that what drifts is the same for both. Transactions are counted by pgbench's own log, and the processor's time by
 * the process of the host, which other programs disturb least.
 */

import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { present } from '../src/base/assert.ts'
import type { ServerAddress } from '../test/support/wire/server-address.ts'
import { medianInterval, type MedianInterval } from './median.ts'
import { runLoad, type Load } from './wire-load.ts'

export interface PairedRun {
  readonly address: ServerAddress
  readonly load: Omit<Load, 'seconds' | 'logPrefix'>
  /** An empty directory's path and the beginning of a file's name. */
  readonly logPrefix: string
  /** Each is four windows. */
  readonly rounds: number
  readonly windowMs: number
  turn(isOn: boolean): Promise<unknown>
}

/** What being on costs, in shares of what it takes while off; more than 0 is a cost. */
export interface PairedResult {
  readonly rounds: number
  /** Transactions a second, and the processor's microseconds for each, as medians. */
  readonly on: Measured
  readonly off: Measured
  readonly throughputLoss: MedianInterval
  readonly cpuGrowth: MedianInterval
}

interface Measured {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

interface Window {
  readonly isOn: boolean
  readonly startMs: number
  readonly endMs: number
  readonly cpuMicroseconds: number
  count: number
}

/** Connecting, the first plans, and compiling what is measured, which takes some ten thousand statements. */
const warmMs = 5_000
/** What switching takes. */
const turnMs = 15
/** Until the engine's thread has read what it was told. */
const settleMs = 5
const nowMs = (): number => performance.timeOrigin + performance.now()

export async function measurePairs(run: PairedRun): Promise<PairedResult> {
  const { address, load, logPrefix, rounds, windowMs } = run
  const seconds = Math.ceil((warmMs * 1.5 + rounds * 4 * (windowMs + turnMs)) / 1_000)
  let isOver = false
  const running = runLoad(address, { ...load, seconds, logPrefix }).finally(() => (isOver = true))
  await delay(warmMs)
  const windows: Window[] = []
  while (windows.length < rounds * 4 && !isOver) {
    // On, off, off, on, off, on, on, off: what comes first has no side either.
    const place = windows.length % 8
    windows.push(await measureWindow(run, [0, 3, 5, 6].includes(place)))
  }
  present(await running, 'A run of pgbench without failures')
  await count(logPrefix, windows)
  return summary(windows)
}

async function measureWindow({ turn, windowMs }: PairedRun, isOn: boolean): Promise<Window> {
  await turn(isOn)
  await delay(settleMs)
  const before = process.cpuUsage()
  const startMs = nowMs()
  await delay(windowMs)
  const endMs = nowMs()
  const { user, system } = process.cpuUsage(before)
  return { isOn, startMs, endMs, cpuMicroseconds: user + system, count: 0 }
}

/** Of each line: client, number, microseconds it took, script, and when it ended in seconds and microseconds. */
async function count(logPrefix: string, windows: readonly Window[]): Promise<void> {
  const directory = dirname(logPrefix)
  const names = await readdir(directory)
  for (const name of names.filter((each) => each.startsWith(`${basename(logPrefix)}.`))) {
    const path = join(directory, name)
    let at = 0
    for await (const line of createInterface(createReadStream(path))) {
      const [, , , , seconds, microseconds] = line.split(' ')
      const endedMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000
      while (at < windows.length && endedMs >= (windows[at]?.endMs ?? 0)) at += 1
      const window = windows[at]
      if (window && endedMs >= window.startMs) window.count += 1
    }
    await rm(path)
  }
}

function summary(windows: readonly Window[]): PairedResult {
  const rounds: { on: Measured; off: Measured }[] = []
  for (let at = 0; at + 4 <= windows.length; at += 4) {
    const four = windows.slice(at, at + 4)
    const [on, off] = [true, false].map((isOn) => measuredOf(four.filter((window) => window.isOn === isOn)))
    if (on && off && on.perSecond > 0 && off.perSecond > 0) rounds.push({ on, off })
  }
  const middle = (side: 'on' | 'off'): Measured => ({
    perSecond: medianInterval(rounds.map((round) => round[side].perSecond)).median,
    cpuMicroseconds: medianInterval(rounds.map((round) => round[side].cpuMicroseconds)).median,
  })
  return {
    ...{ rounds: rounds.length, on: middle('on'), off: middle('off') },
    throughputLoss: medianInterval(rounds.map(({ on, off }) => 1 - on.perSecond / off.perSecond)),
    cpuGrowth: medianInterval(rounds.map(({ on, off }) => on.cpuMicroseconds / off.cpuMicroseconds - 1)),
  }
}

function measuredOf(windows: readonly Window[]): Measured {
  const sum = (of: (window: Window) => number): number => windows.reduce((all, each) => all + of(each), 0)
  const transactions = sum(({ count: each }) => each)
  return {
    perSecond: (transactions * 1_000) / sum(({ startMs, endMs }) => endMs - startMs),
    cpuMicroseconds: sum(({ cpuMicroseconds }) => cpuMicroseconds) / transactions,
  }
}
