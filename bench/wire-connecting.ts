/** How many clients a second can connect, log in with SCRAM, ask for `select 1` and leave, one after the other. */

import type { ServerAddress } from '../test/support/wire/server-address.ts'
import { query, RawClient } from './wire-raw.ts'

export async function measureConnecting(address: ServerAddress, seconds: number): Promise<number> {
  const started = performance.now()
  let count = 0
  for (; performance.now() - started < seconds * 1_000; count += 1) {
    const client = await RawClient.open(address)
    await client.ask(query('select 1'))
    client.end()
  }
  return (count * 1_000) / (performance.now() - started)
}
