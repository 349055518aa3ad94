/**
 * pgbench as the load: fills its tables, and runs one of its scripts for some seconds. Tells how many transactions a
 * second were answered, or that they were not.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ServerAddress } from '../test/support/wire/server-address.ts'

export const scripts = ['select-only', 'tpcb-like'] as const
export const modes = ['simple', 'extended', 'prepared'] as const
export const clientCounts = [1, 4, 16] as const

export interface Load {
  readonly script: (typeof scripts)[number]
  readonly mode: (typeof modes)[number]
  readonly clients: number
  readonly seconds: number
  /** Where files begin that say when each transaction ended, one for each thread; absent for none. */
  readonly logPrefix?: string
}

/** What pgbench takes to start, connect and end, on a busy machine. */
const graceMs = 15_000

/** Transactions a second; null when there were failures or no end. */
export async function runLoad(address: ServerAddress, load: Load): Promise<number | null> {
  const { script, mode, clients, seconds, logPrefix } = load
  // In one thread pgbench blocks on a PREPARE of one client while another is in a transaction, which no server with
  // serial transactions can end; a thread each is what programs do.
  const threads = script === 'tpcb-like' ? clients : 1
  const output = await pgbench(
    address,
    [
      ...['-n', '-b', script, '-M', mode],
      ...['-c', String(clients), '-j', String(threads), '-T', String(seconds)],
      ...(logPrefix === undefined ? [] : ['-l', '--log-prefix', logPrefix]),
    ],
    seconds * 1_000 + graceMs,
  )
  const rate = /^tps = ([\d.]+)/m.exec(output ?? '')?.[1]
  const failed = /number of failed transactions: (\d+)/.exec(output ?? '')?.[1] ?? '0'
  return rate === undefined || Number(failed) > 0 || /aborted/.test(output ?? '') ? null : Number(rate)
}

/** Filled by the server itself: pglite-socket does not survive COPY FROM STDIN. */
export async function fillTables(address: ServerAddress): Promise<void> {
  const output = await pgbench(address, ['-i', '-q', '-I', 'dtGp', '-s', '1'], 60_000)
  if (output === null) throw new Error(`pgbench could not fill its tables at ${address.host}:${address.port}`)
}

async function pgbench(
  address: ServerAddress,
  args: readonly string[],
  timeMaxMs: number,
): Promise<string | null> {
  const { host, port, user, password, database } = address
  const child = spawn('pgbench', [...args, '-h', host, '-p', String(port), '-U', user, database], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PGPASSWORD: password, PGSSLMODE: 'disable', PGGSSENCMODE: 'disable' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), timeMaxMs)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return code === 0 ? output : null
}
