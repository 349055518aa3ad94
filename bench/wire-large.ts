/** A million rows out of and into a server, and cancels through the socket. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { ServerAddress } from '../test/support/wire/server-address.ts'
import type { BenchServer } from './wire-servers.ts'
import { message, query, RawClient } from './wire-raw.ts'

export const outKinds = ['SELECT', 'COPY out'] as const

/** Made as they are sent; as a table function they would all be made before the first. */
const rows = `select i, 'row number ' || i, i * 1.5::float8 from (select generate_series(1, 1000000) i) s`
const megabyte = 1 << 20
const cancelCode = 80_877_102

/** MB a second, and when the first bytes came. */
export async function measureOut(
  address: ServerAddress,
  kind: (typeof outKinds)[number],
): Promise<{ rate: number; firstRowMs: number }> {
  const client = await RawClient.open(address)
  const { bytes, firstMs, totalMs } = await client.ask(
    query(kind === 'SELECT' ? rows : `copy (${rows}) to stdout`),
  )
  client.end()
  return { rate: bytes / megabyte / (totalMs / 1_000), firstRowMs: firstMs }
}

/** The data of a COPY of a million rows, as messages of some 64 KB. */
export function* copyData(): Generator<Buffer> {
  const perMessage = 2_500
  for (let first = 1; first <= 1_000_000; first += perMessage) {
    let text = ''
    for (let i = first; i < first + perMessage; i += 1) text += `${i}\trow number ${i}\t${i * 1.5}\n`
    yield message('d', Buffer.from(text))
  }
}

/** The data of `copyData`, as often as it takes. MB a second, and how much more memory the server's process took. */
export async function measureCopyIn(
  { address, processId }: BenchServer,
  loadMB = 0,
): Promise<{ rate: number; grownMB: number | null }> {
  const client = await RawClient.open(address)
  await client.ask(query('drop table if exists copied; create table copied (a int, b text, c float8)'))
  const data = [...copyData()]
  const before = residentMB(processId)
  let peak = before ?? 0
  const answer = client.ask(query('copy copied from stdin'))
  const started = performance.now()
  let bytes = 0
  while (bytes === 0 || bytes < loadMB * megabyte) {
    for (const part of data) {
      bytes += part.length
      if (!client.socket.write(part)) await once(client.socket, 'drain')
      if (bytes % (8 * megabyte) < part.length) peak = Math.max(peak, residentMB(processId) ?? 0)
    }
  }
  client.socket.write(message('c', Buffer.alloc(0)))
  await answer
  const rate = bytes / megabyte / ((performance.now() - started) / 1_000)
  client.end()
  return { rate, grownMB: before === null ? null : Math.round(peak - before) }
}

/** From the request to the error, in milliseconds, of statements that would run for ever. */
export async function measureCancels(address: ServerAddress, count: number): Promise<number[]> {
  const client = await RawClient.open(address)
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const sql = index % 2 === 0 ? 'select pg_sleep(600)' : 'do $$ begin loop end loop; end $$'
    const answer = client.ask(query(sql))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const request = Buffer.alloc(12)
    request.writeInt32BE(12 + client.key.length, 0)
    request.writeInt32BE(cancelCode, 4)
    request.writeInt32BE(client.processId, 8)
    const asked = performance.now()
    const socket = connect({ host: address.host, port: address.port })
    socket.end(Buffer.concat([request, client.key]))
    await answer
    times.push(performance.now() - asked)
    socket.destroy()
  }
  client.end()
  return times
}

/** Of a Linux process; null elsewhere. */
function residentMB(processId: number | null): number | null {
  if (processId === null) return null
  try {
    const status = readFileSync(`/proc/${processId}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  } catch {
    return null
  }
}
