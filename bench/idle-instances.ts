/**
 * A process that opens instances on disk one after the other, lets each answer a query, and says how much memory it
 * has with each of them, in bytes, as JSON. Run with --expose-gc.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { BenchHost } from './bench-host.ts'

const instanceCount = 10
/** Threads that have helped to open are gone by then. */
const settlingMs = 3_000

const home = mkdtempSync(join(tmpdir(), 'wardian-bench-idle-'))
const host = await BenchHost.start(home)
try {
  await host.create('first')
  const rssBytes = [await settled()]
  for (let number = 1; number <= instanceCount; number += 1) {
    await host.create(`idle-${number}`)
    if (number === 1 || number === instanceCount) rssBytes.push(await settled())
  }
  const [before = 0, , after = 0] = rssBytes
  process.stdout.write(JSON.stringify({ instanceCount, eachBytes: (after - before) / instanceCount }))
} finally {
  await host.stop()
  rmSync(home, { recursive: true, force: true })
}

async function settled(): Promise<number> {
  await pause(settlingMs)
  globalThis.gc?.()
  return process.memoryUsage().rss
}
