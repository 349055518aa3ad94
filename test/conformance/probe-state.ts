/** Waits for what the serving side of the probe contract has to notice by itself, such as a cancel. */

import type { ResultOf } from '../../src/contract/contract-table.ts'
import type { ContractClient } from '../../src/rpc/rpc-client.ts'
import type { ProbeContract } from '../support/probe-contract.ts'

export type ProbeState = ResultOf<ProbeContract['probe.state']>

/** Round trips after which a condition counts as never coming true. */
const roundTripsMax = 2_000

/** Asks until `holds`; each question is a round trip, so the other side has had its turn in between. */
export async function eventualState(
  client: ContractClient<ProbeContract>,
  holds: (state: ProbeState) => boolean,
): Promise<ProbeState> {
  for (let round = 0; round < roundTripsMax; round += 1) {
    const state = await client.call('probe.state', null)
    if (holds(state)) return state
  }
  throw new Error(`still ${JSON.stringify(await client.call('probe.state', null))}`)
}
